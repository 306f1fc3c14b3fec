# The clock must be synchronised within the time, by chrony, ntpd or systemd-timesyncd.
deadline=$(($(date +%s) + {{ WaitSeconds }}))

is_synchronised() {
  if command -v chronyc >/dev/null && chronyc -n tracking 2>/dev/null; then
    chronyc -n tracking | grep -q '^Leap status *: Normal'
    return
  fi
  if command -v ntpq >/dev/null && ntpq -pn 2>/dev/null | grep '^\*'; then return; fi
  command -v timedatectl >/dev/null &&
    timedatectl status 2>/dev/null | grep -i 'synchronized: yes'
}

until is_synchronised; do
  if [ "$(date +%s)" -ge "$deadline" ]; then
    echo 'The clock is not synchronised after {{ WaitSeconds }} s. Is chrony, ntpd or' \
      'systemd-timesyncd installed and running, and can it reach its servers?' >&2
    exit 1
  fi
  sleep 2
done

# Every volume must be mounted and readable, writable unless it is mounted read-only, and as large
# as expected: whole GiB, rounded up. Without volumes, those that /etc/fstab mounts at boot.
volumes=$(cat <<'LANDFALL_VALUES'
{{ Volumes }}
LANDFALL_VALUES
)

failed=0
fail() {
  echo "$1" >&2
  failed=1
}

# Spaces are \040 there, as they are in /proc/self/mounts.
in_fstab() {
  grep -v '^[[:space:]]*#' /etc/fstab | while read -r _ target type options _; do
    case $type in
      proc | sysfs | devpts | devtmpfs | cgroup* | debugfs | tracefs | securityfs | configfs | \
        efivarfs | hugetlbfs | mqueue | bpf | binfmt_misc) continue ;;
    esac
    case $target,$options in
      /*,noauto* | /*,*,noauto*) ;;
      /*) echo "$target" ;;
    esac
  done
}

gib_of() {
  sectors=/sys/class/block/$(basename "$(readlink -f "$1")")/size
  if [ -r "$sectors" ]; then
    bytes=$(($(cat "$sectors") * 512))
  else
    bytes=$(($(df -Pk "$2" | tail -n 1 | tr -s ' ' | cut -d ' ' -f 2) * 1024))
  fi
  echo $(((bytes + 1073741823) / 1073741824))
}

check() {
  device=
  while read -r source target _ options _; do
    [ "$target" = "$1" ] && device=$source mounted=$options
  done </proc/self/mounts
  path=$(printf '%s' "$1" | sed 's/\\040/ /g')
  if [ -z "$device" ]; then
    fail "$path is not mounted"
    return
  fi
  ls "$path" >/dev/null || fail "$path cannot be read"
  case $mounted in
    ro | ro,*) ;;
    *)
      if file=$(mktemp "$path/.landfall-XXXXXX"); then rm -f "$file"
      else fail "$path cannot be written to"; fi
      ;;
  esac
  gib=$(gib_of "$device" "$path")
  if [ -n "$2" ] && [ "$gib" -lt "$2" ]; then
    fail "$path has $gib GiB on $device, and $2 are expected"
  fi
  echo "$path: $device, $gib GiB, ${mounted%%,*}"
}

[ -n "$volumes" ] || volumes=$(in_fstab)
[ -n "$volumes" ] || fail 'There are no volumes to verify: /etc/fstab mounts none'
while IFS= read -r volume; do
  [ -n "$volume" ] || continue
  gib=
  case $volume in *=*) gib=${volume##*=} volume=${volume%=*} ;; esac
  check "$(printf '%s' "$volume" | sed 's/ /\\040/g')" "$gib"
done <<END
$volumes
END
exit $failed

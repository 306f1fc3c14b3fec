# Each program must run, within the time: by the name of its process, or of the file it was started as.
names=$(cat <<'LANDFALL_VALUES'
{{ ProcessNames }}
LANDFALL_VALUES
)
deadline=$(($(date +%s) + {{ WaitSeconds }}))

# The kernel keeps 15 characters of a process' name.
running() {
  for process in /proc/[0-9]*; do
    cat "$process/comm" 2>/dev/null
    program=$(tr '\0' '\n' 2>/dev/null <"$process/cmdline" | head -n 1)
    echo "${program##*/}"
  done
}

missing() {
  now=$(running)
  while IFS= read -r name; do
    [ -n "$name" ] || continue
    short=$(printf '%.15s' "$name")
    printf '%s\n' "$now" | grep -qFx -e "$name" -e "$short" || echo "$name"
  done <<END
$names
END
}

while left=$(missing) && [ -n "$left" ]; do
  if [ "$(date +%s)" -ge "$deadline" ]; then
    echo "Not running after {{ WaitSeconds }} s:" >&2
    echo "$left" >&2
    exit 1
  fi
  sleep 2
done
echo 'Running:'
echo "$names"

# The file system of each path must have so much room left for programs that are not root's.
paths=$(cat <<'LANDFALL_VALUES'
{{ Paths }}
LANDFALL_VALUES
)
minimum={{ MinimumFreeMiB }}

failed=0
while IFS= read -r path; do
  [ -n "$path" ] || continue
  if [ ! -e "$path" ]; then
    echo "$path is not there" >&2
    failed=1
    continue
  fi
  free=$(($(df -Pk "$path" | tail -n 1 | tr -s ' ' | cut -d ' ' -f 4) / 1024))
  echo "$path: $free MiB are free"
  [ "$free" -ge "$minimum" ] && continue
  echo "$path has $free MiB left, and $minimum are expected" >&2
  failed=1
done <<END
$paths
END
exit $failed

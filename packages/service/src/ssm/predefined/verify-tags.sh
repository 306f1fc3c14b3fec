# The instance must have each of the tags: KEY=VALUE, or KEY with whatever value. What it has is
# handed over by the service, one tag a line as JSON.
actual=$(cat <<'LANDFALL_VALUES'
{{ InstanceTags }}
LANDFALL_VALUES
)
expected=$(cat <<'LANDFALL_VALUES'
{{ ExpectedTags }}
LANDFALL_VALUES
)

failed=0
while IFS= read -r tag; do
  [ -n "$tag" ] || continue
  text=$(printf '%s' "$tag" | sed 's/[\\"]/\\&/g')
  case $tag in
    *=*) found=$(printf '%s\n' "$actual" | grep -Fx "{\"Key\":\"${text%%=*}\",\"Value\":\"${text#*=}\"}") ;;
    *) found=$(printf '%s\n' "$actual" | grep -F "{\"Key\":\"$text\",") ;;
  esac
  if [ -n "$found" ]; then
    echo "$tag: there"
  else
    echo "The tag $tag is missing. The instance has: $(echo "${actual:-none}" | tr '\n' ' ')" >&2
    failed=1
  fi
done <<END
$expected
END
exit $failed

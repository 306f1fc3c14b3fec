# Each URL must answer with the status within the time. Asked by curl, or where there is none by
# the agent's own Node.
urls=$(cat <<'LANDFALL_VALUES'
{{ Urls }}
LANDFALL_VALUES
)
expected={{ ExpectedStatus }}
certificates={{ VerifyCertificates }}
deadline=$(($(date +%s) + {{ WaitSeconds }}))

by_curl() {
  [ "$certificates" = true ] || set -- -k "$@"
  curl -sS -o /dev/null -w '%{http_code}' --max-time 10 "$@" 2>&1
}

by_node() {
  LD_LIBRARY_PATH="${LANDFALL_NODE%/*}/lib" "$LANDFALL_NODE" --use-system-ca -e '
    const [url, certificates] = process.argv.slice(1)
    const { get } = require(url.startsWith("https:") ? "node:https" : "node:http")
    const fail = (error) => { console.log(error.message || error.code); process.exit(0) }
    const options = { rejectUnauthorized: certificates === "true", timeout: 10000 }
    try {
      const request = get(url, options, ({ statusCode }) => {
        console.log(statusCode)
        process.exit(0)
      })
      request.on("timeout", () => request.destroy(new Error("no answer within 10 s")))
      request.on("error", fail)
    } catch (error) { fail(error) }
  ' "$1" "$certificates"
}

ask() {
  if command -v curl >/dev/null; then by_curl "$1"; else by_node "$1"; fi
}

failed=0
while IFS= read -r url; do
  [ -n "$url" ] || continue
  until answer=$(ask "$url"); [ "$answer" = "$expected" ]; do
    [ "$(date +%s)" -lt "$deadline" ] || break
    sleep 2
  done
  echo "$url: $answer"
  [ "$answer" = "$expected" ] && continue
  echo "$url answers $answer, and $expected is expected" >&2
  failed=1
done <<END
$urls
END
exit $failed

# A TCP connection to each HOST:PORT must come about within the time. Connected by the agent's own
# Node: no other program is on every Linux.
targets=$(cat <<'LANDFALL_VALUES'
{{ Targets }}
LANDFALL_VALUES
)
deadline=$(($(date +%s) + {{ WaitSeconds }}))

# Says why not.
connect() {
  LD_LIBRARY_PATH="${LANDFALL_NODE%/*}/lib" "$LANDFALL_NODE" -e '
    const [host, port] = process.argv.slice(1)
    const socket = require("node:net").connect({ host, port: Number(port), timeout: 5000 })
    const fail = (why) => { console.log(why); process.exit(1) }
    socket.on("connect", () => process.exit(0))
    socket.on("timeout", () => fail("no answer within 5 s"))
    socket.on("error", (error) => fail(error.message || error.code))
  ' "$1" "$2"
}

failed=0
while IFS= read -r target; do
  [ -n "$target" ] || continue
  host=${target%:*}
  host=${host#[}
  host=${host%]}
  until why=$(connect "$host" "${target##*:}"); do
    [ "$(date +%s)" -lt "$deadline" ] || break
    sleep 2
  done
  if [ -z "$why" ]; then
    echo "$target: connected"
  else
    echo "$target cannot be connected to: $why" >&2
    failed=1
  fi
done <<END
$targets
END
exit $failed

#!/bin/sh
# Keeps the replication agent running where systemd does not: starts it again when it fails, with
# growing pauses, until it ends by itself with 0 or this loop gets SIGTERM.
# Usage: supervise INSTALL_DIR
dir=$1
child=
stopping=

stop() {
  stopping=1
  [ -z "$child" ] || kill -TERM "$child" 2>/dev/null
}
trap stop TERM INT
trap '' HUP

echo $$ >"$dir/agent.pid"
pause=1
while [ -z "$stopping" ]; do
  began=$(date +%s)
  # The niceness of the systemd unit, see AGENT_NICENESS; and the session of its own in which alone
  # it counts, see priority.ts.
  nice -n 15 setsid sh "$dir/bin/landfall-agent" run --install-dir "$dir" >>"$dir/agent.log" 2>&1 </dev/null &
  child=$!
  # wait returns early when a signal comes: only the agent's own end counts.
  wait "$child"
  status=$?
  while [ -n "$stopping" ] && kill -0 "$child" 2>/dev/null; do
    wait "$child"
    status=$?
  done
  child=
  [ "$status" -ne 0 ] || break
  [ -z "$stopping" ] || break
  [ $(($(date +%s) - began)) -lt 60 ] || pause=1
  sleep "$pause" &
  child=$!
  wait "$child"
  child=
  [ "$pause" -ge 8 ] || pause=$((pause * 2))
done
rm -f "$dir/agent.pid"

#!/bin/sh
# Runs the agent with the node beside it. libatomic is beside it too, for systems that lack it.
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 1
if ! "$here/node" --version >/dev/null 2>&1; then
  LD_LIBRARY_PATH=$here/lib
  export LD_LIBRARY_PATH
fi
exec "$here/node" "$here/agent.mjs" "$@"

#!/bin/sh
# Runs the agent with the node beside it. libatomic is beside it too, for systems that lack it.
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 1
if ! "$here/node" --version >/dev/null 2>&1; then
  LD_LIBRARY_PATH=$here/lib
  export LD_LIBRARY_PATH
fi
# Both bound memory: buffers that live for one frame neither fill a young generation of 16 MiB nor
# leave one heap of the C library per thread behind.
MALLOC_ARENA_MAX=2
# As many reads at once: with the four of the default, a disk that others keep busy serves them first.
UV_THREADPOOL_SIZE=8
export MALLOC_ARENA_MAX UV_THREADPOOL_SIZE
exec "$here/node" --max-semi-space-size=2 "$here/agent.mjs" "$@"

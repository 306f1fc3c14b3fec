#!/bin/sh
# Landfall Replication Agent @VERSION@, installer. This script is followed by a tar.gz of the program;
# it checks what the program needs to start at all, unpacks it beside its later place and runs it.
# The program then makes the other checks and installs, or says why not. See --help.
set -u
umask 077

default_dir=@DEFAULT_INSTALL_DIR@
dir=$default_dir
expect=
command=install
for argument in "$@"; do
  if [ -n "$expect" ]; then
    dir=$argument
    expect=
    continue
  fi
  case $argument in
    --install-dir) expect=dir ;;
    --install-dir=*) dir=${argument#--install-dir=} ;;
    --help) command=help ;;
    --version) command=version ;;
    uninstall) [ "$argument" != "$1" ] || command=uninstall ;;
  esac
done

case $command in
  help)
    cat <<'END_OF_HELP'
@HELP@
END_OF_HELP
    exit 0
    ;;
  version)
    echo '@VERSION@'
    exit 0
    ;;
  uninstall)
    if [ -e "$dir/bin/landfall-agent" ]; then
      exec sh "$dir/bin/landfall-agent" uninstall --install-dir "$dir"
    fi
    echo 'The agent is not installed.'
    exit 0
    ;;
esac

problems=
problem() {
  problems="$problems
  - $1"
}

[ "$(id -u)" = 0 ] ||
  problem "Root: the installer runs as user $(id -u) and must run as root. Use sudo."

machine=$(uname -m)
[ "$machine" = x86_64 ] ||
  problem "Architecture: this machine is $machine; only x86_64 can be migrated. Leave it where it is."

glibc=$(getconf GNU_LIBC_VERSION 2>/dev/null | sed 's/^glibc //')
[ -n "$glibc" ] || glibc=$(ldd --version 2>/dev/null | sed -n '1s/.* //p')
if [ "$(printf '%s\n' @GLIBC@ "${glibc:-0}" | sort -t. -k1,1n -k2,2n | head -n 1)" != @GLIBC@ ]; then
  problem "C library: this system has glibc ${glibc:-(none)}, the agent needs @GLIBC@ or newer (Debian 10, RHEL 8, Ubuntu 20.04 or newer). Upgrade the system first."
fi

ram=$(sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo 2>/dev/null)
[ -n "$ram" ] || ram=$(sed -n 's/^MemFree: *\([0-9]*\) kB/\1/p' /proc/meminfo 2>/dev/null)
[ $((${ram:-0} / 1024)) -ge @RAM_MIB@ ] ||
  problem "RAM: $((${ram:-0} / 1024)) MiB are available, @RAM_MIB@ MiB are needed. Stop something or add memory (and mount /proc where it is not)."

case $dir in
  /*) ;;
  *) problem "Install directory: --install-dir $dir is not an absolute path. Give one that begins with /." ;;
esac
existing=$dir
while [ ! -d "$existing" ] && [ "$existing" != / ] && [ "$existing" != . ]; do
  existing=$(dirname -- "$existing")
done
space=$(df -Pk -- "$existing" 2>/dev/null | sed -n '2s/^.* \([0-9][0-9]*\)  *[0-9][0-9]*% .*$/\1/p')
[ $((${space:-0} / 1024)) -ge @SPACE_MIB@ ] ||
  problem "Disk space: $((${space:-0} / 1024)) MiB are free for $dir, @SPACE_MIB@ MiB are needed. Free some, or install elsewhere with --install-dir."

for tool in tar gzip tail mkdir; do
  command -v "$tool" >/dev/null 2>&1 || problem "Tools: $tool is missing. Install the package $tool."
done

fail() {
  echo 'Installation failed'
  echo "Error details: $1"
  exit 1
}
[ -z "$problems" ] || fail "this machine cannot run the installer yet. Nothing was changed.$problems"

made=
stage=$dir/bin.new.$$
clean() {
  rm -rf "$stage"
  [ -z "$made" ] || rmdir "$dir" 2>/dev/null
}
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
[ -d "$dir" ] || made=1
mkdir -p "$stage" || fail "$stage cannot be made. Check the permissions, or give another --install-dir."

printf '#!/bin/sh\nexit 0\n' >"$stage/probe" && chmod 700 "$stage/probe"
"$stage/probe" 2>/dev/null ||
  fail "programs cannot run from $dir: its filesystem is mounted noexec. Remount it with exec, or install elsewhere with --install-dir."

tail -n +@PAYLOAD_LINE@ "$0" | tar -xzf - -C "$stage" ||
  fail "the installer could not be unpacked to $stage. Download it again and compare its SHA-512; check the free space of $dir."
rm -f "$stage/probe"

LANDFALL_AGENT_PROGRAM=$stage sh "$stage/landfall-agent" "$@"
exit $?

# Installs QEMU's guest agent from the distribution, and starts it where its channel is there.
package=qemu-guest-agent
if command -v apt-get >/dev/null; then
  DEBIAN_FRONTEND=noninteractive
  export DEBIAN_FRONTEND
  apt-get update -q && apt-get install -qy --no-install-recommends $package
elif command -v dnf >/dev/null; then
  dnf -qy install $package
elif command -v yum >/dev/null; then
  yum -qy install $package
elif command -v zypper >/dev/null; then
  zypper --non-interactive --quiet install $package
else
  echo 'No package manager was found: apt-get, dnf, yum and zypper are known.' >&2
  exit 1
fi || {
  echo "$package was not installed. Can the instance reach the servers of its distribution?" >&2
  exit 1
}
if [ -e /dev/virtio-ports/org.qemu.guest_agent.0 ]; then
  systemctl restart $package && echo "$package is installed and runs"
else
  echo "$package is installed; it starts when the instance has its channel org.qemu.guest_agent.0"
fi

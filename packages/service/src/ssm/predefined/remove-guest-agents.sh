# Removes what other hypervisors' guests have and KVM has no use for; only what is installed.
packages='open-vm-tools open-vm-tools-desktop
  virtualbox-guest-utils virtualbox-guest-x11 virtualbox-guest-dkms virtualbox-guest-tools
  hyperv-daemons hyperv-daemons-license hypervkvpd hypervvssd hypervfcopyd hyper-v
  xe-guest-utilities xe-guest-utilities-xenstore xen-guest-agent'

installed() {
  for package in $packages; do
    if command -v dpkg-query >/dev/null; then
      dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q ' installed$' && echo "$package"
    elif command -v rpm >/dev/null; then
      rpm -q "$package" >/dev/null 2>&1 && echo "$package"
    fi
  done
}

remove() {
  if command -v apt-get >/dev/null; then
    DEBIAN_FRONTEND=noninteractive apt-get remove -qy "$@"
  elif command -v dnf >/dev/null; then
    dnf -qy remove "$@"
  elif command -v yum >/dev/null; then
    yum -qy remove "$@"
  else
    zypper --non-interactive --quiet remove "$@"
  fi
}

there=$(installed)
if [ -n "$there" ]; then
  # Names of packages, one word each.
  # shellcheck disable=SC2086
  remove $there || exit 1
  left=$(installed)
  [ -z "$left" ] || {
    echo "Still installed:" $left >&2
    exit 1
  }
  echo 'Removed:'
  echo "$there"
else
  echo 'No packages of guest agents are installed'
fi

# What their own installers left has an uninstaller of its own.
for uninstaller in /opt/VBoxGuestAdditions-*/uninstall.sh /usr/bin/vmware-uninstall-tools.pl; do
  [ -x "$uninstaller" ] || continue
  echo "Running $uninstaller"
  "$uninstaller" </dev/null || {
    echo "$uninstaller failed" >&2
    exit 1
  }
done

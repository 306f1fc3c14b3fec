#!/bin/sh
# Makes an unpacked system bootable, inside it, with its file systems mounted. What it goes by is in
# the variables NAMES (uuid or device), LOADER, FIRMWARE, LAYOUT and REBUILD.
set -ex
export PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive

# Lines of `folder device`: by what name of the source's a file system goes.
names=/root/source-names

entry() {
  folder=$1 type=$2 options=$3 device=$4
  name=$(sed -n "s#^$folder ##p" $names)
  if [ "$NAMES" != device ] || [ -z "$name" ]; then
    case $device in
    /dev/mapper/*) name=$device ;;
    *) name=UUID=$(blkid -s UUID -o value "$device") ;;
    esac
  fi
  [ "$folder" = swap ] && folder=none
  echo "$name $folder $type $options 0 0"
}

# The appliance's kernel may name its disks otherwise than guestfish does.
device_of() {
  findmnt -n -o SOURCE "$1" | sed 's#\[.*##'
}

: > /etc/fstab
while read -r folder options; do
  device=$(device_of "$folder")
  entry "$folder" "$(blkid -s TYPE -o value "$device")" "${options:-defaults}" "$device" >> /etc/fstab
done < /root/mounts
swap=$(blkid -t TYPE=swap -o device | head -n 1)
[ -z "$swap" ] || entry swap swap sw "$swap" >> /etc/fstab

root=$(device_of /)
case $LAYOUT in
raid1) mdadm --examine --scan | sed 's#^ARRAY [^ ]*#ARRAY /dev/md/system#' >> /etc/mdadm/mdadm.conf ;;
luks) echo "root UUID=$(blkid -t TYPE=crypto_LUKS -s UUID -o value) none luks,initramfs" > /etc/crypttab ;;
esac
[ -z "$REBUILD" ] || update-initramfs -u

case $LOADER in
grub)
  if [ "$FIRMWARE" = bios ]; then
    # Of an array its members' disks: each is to boot without the other.
    boot=$(findmnt -n -T /boot -o SOURCE | sed 's#\[.*##')
    for disk in $(lsblk -n -s -l -o NAME,TYPE "$boot" | awk '$2 == "disk" { print $1 }' | sort -u); do
      grub-install --target=i386-pc "/dev/$disk"
    done
  else
    removable=
    [ "$FIRMWARE" = uefi ] || removable='--force-extra-removable --uefi-secure-boot'
    grub-install --target=x86_64-efi --efi-directory=/boot/efi --bootloader-id=debian --no-nvram $removable
    # For the first boot, by the firmware's own shell: no variable of the firmware names the loader.
    [ "$FIRMWARE" != uefi ] || echo '\EFI\debian\grubx64.efi' > /boot/efi/startup.nsh
  fi
  update-grub
  if [ "$NAMES" = device ]; then
    # GRUB asks for the name the disk has here.
    sed -i "s#root=$root #root=$(sed -n 's#^/ ##p' $names) #" /boot/grub/grub.cfg
    grep -q "root=$(sed -n 's#^/ ##p' $names) " /boot/grub/grub.cfg
  fi
  ;;
systemd-boot)
  echo "root=UUID=$(blkid -s UUID -o value "$root") ro" > /etc/kernel/cmdline
  export SYSTEMD_RELAX_ESP_CHECKS=1
  bootctl --esp-path=/boot/efi --no-variables install
  for kernel in /lib/modules/*; do
    version=${kernel##*/}
    kernel-install add "$version" "/boot/vmlinuz-$version" "/boot/initrd.img-$version"
  done
  # The source's firmware knows the loader by a variable; any other finds none.
  rm -r /boot/efi/EFI/BOOT
  echo '\EFI\systemd\systemd-bootx64.efi' > /boot/efi/startup.nsh
  ;;
esac
rm -f /root/mounts $names /root/finish.sh

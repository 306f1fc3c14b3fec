/** Device names that the kernel gives to hardware: another machine has others. */
export const HARDWARE_NAME = new RegExp(
  String.raw`/dev/(?:(?:[shv]d|xvd)[a-z]+\d*|(?:nvme\d+n|mmcblk|cciss/c\d+d)\d+(?:p\d+)?)(?![\w/])`,
)

export function isHardwareName(device: string): boolean {
  return HARDWARE_NAME.exec(device)?.[0] === device
}

/** Names of udev's by the way to a device, or by what hardware says of itself. */
export function isHardwarePath(device: string): boolean {
  return /^\/dev\/disk\/by-(?:path\/|id\/(?!dm-|lvm-|md-))/.test(device)
}

/** How libguestfs names the disk at an index: sda, …, sdz, sdaa, … */
export function applianceDevice(index: number): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz'
  const last = letters.charAt(index % 26)
  return `/dev/sd${index < 26 ? '' : letters.charAt(Math.floor(index / 26) - 1)}${last}`
}

/**
 * The appliance's name of what the source calls `devicePath`, such as `/dev/nvme0n1p2`; undefined
 * when its disk is not among the replicated ones, which are `deviceNames` in the appliance's order.
 */
export function inAppliance(
  devicePath: string,
  deviceNames: readonly string[],
): string | undefined {
  for (const [index, name] of deviceNames.entries()) {
    if (!devicePath.startsWith(name)) continue
    const rest = devicePath.slice(name.length)
    const partition = (/\d$/.test(name) ? /^(?:p(\d+))?$/ : /^(\d*)$/).exec(rest)
    if (partition !== null) return applianceDevice(index) + (partition[1] ?? '')
  }
  return undefined
}

import { inAppliance } from './device-names.ts'
import type { Fish } from './guestfish.ts'

/** What a device is named by, of what is on it or of its entry in the partition table. */
type Tag = 'uuid' | 'label' | 'partuuid' | 'partlabel'

const TAGGED =
  /^(?:((?:PART)?(?:UUID|LABEL))=|\/dev\/disk\/by-((?:part)?(?:uuid|label))\/)"?([^"]+)"?$/

/**
 * The appliance's device behind a name in /etc/fstab or /etc/crypttab; undefined when there is
 * none. `deviceNames` are the source's disks in the appliance's order.
 */
export async function resolveDevice(
  fish: Fish,
  name: string,
  deviceNames: readonly string[],
): Promise<string | undefined> {
  const [, before, below, value] = TAGGED.exec(name) ?? []
  if (value !== undefined) {
    return await findTagged(fish, (before ?? below ?? '').toLowerCase() as Tag, unescaped(value))
  }
  if (/^\/dev\/(?:mapper|md)\//.test(name) || /^\/dev\/(?:md\d+|[^/]+\/[^/]+)$/.test(name)) {
    return name
  }
  return inAppliance(name, deviceNames)
}

/** fstab writes a space as `\040`, udev's links as `\x20`, blkid as `\ `. */
function unescaped(text: string): string {
  return text.replaceAll(
    /\\(?:x([0-9A-Fa-f]{2})|([0-7]{3})|(.))/g,
    (_, hex: string | undefined, octal: string | undefined, other: string) =>
      hex === undefined && octal === undefined
        ? other
        : String.fromCharCode(Number.parseInt(hex ?? octal ?? '', hex === undefined ? 8 : 16)),
  )
}

async function findTagged(fish: Fish, tag: Tag, value: string): Promise<string | undefined> {
  switch (tag) {
    case 'uuid':
    case 'label':
      return (await fish.attempt(`findfs-${tag}`, value)).trim() || undefined
    // UUIDs are the same in either case; of an MBR they are the disk's number and the partition's.
    case 'partuuid':
      return await findPartition(fish, (entry) => entry.uuid === value.toLowerCase())
    case 'partlabel':
      return await findPartition(fish, (entry) => entry.name === value)
  }
}

/** libguestfs finds file systems alone: what a partition table says is asked of each partition. */
async function findPartition(
  fish: Fish,
  isWanted: (entry: { readonly uuid: string; readonly name: string }) => boolean,
): Promise<string | undefined> {
  for (const partition of await fish.lines('list-partitions')) {
    const told = await fish.attempt('blkid', partition)
    const field = (name: string) =>
      unescaped(new RegExp(`^PART_ENTRY_${name}: (.*)$`, 'm').exec(told)?.[1] ?? '')
    if (isWanted({ uuid: field('UUID'), name: field('NAME') })) return partition
  }
  return undefined
}

import type { Fish } from './guestfish.ts'

export interface OpenedDevices {
  /** By the encrypted device, as the appliance names it, what opened it and under which name. */
  readonly opened: ReadonlyMap<string, OpenedDevice>
  /** Encrypted devices that no passphrase opens. */
  readonly locked: readonly string[]
}

export interface OpenedDevice {
  readonly name: string
  readonly passphrase: string
}

/** Opens the encrypted (LUKS) devices on the disks, trying every passphrase at each. */
export async function unlock(fish: Fish, passphrases: readonly string[]): Promise<OpenedDevices> {
  const opened = new Map<string, OpenedDevice>()
  const locked: string[] = []
  for (const device of await encryptedDevices(fish)) {
    const name = `landfall-${opened.size}`
    const passphrase = await openWithAny(fish, { device, name, passphrases })
    if (passphrase === undefined) locked.push(device)
    else opened.set(device, { name, passphrase })
  }
  if (opened.size > 0) await findVolumes(fish)
  return { opened, locked }
}

/**
 * Opens devices again under other names: the guest's own programs go by those in its crypttab.
 * Nothing on them may be mounted.
 */
export async function reopen(
  fish: Fish,
  opened: ReadonlyMap<string, OpenedDevice>,
  names: ReadonlyMap<string, string>,
): Promise<void> {
  await fish.command('vg-activate-all', 'false')
  for (const [device, newName] of names) {
    const before = opened.get(device)
    if (before === undefined) continue
    await fish.command('cryptsetup-close', `/dev/mapper/${before.name}`)
    await fish.attemptWithKey(before.passphrase, 'cryptsetup-open', device, newName)
  }
  await findVolumes(fish)
}

/** libguestfs does not count them among the filesystems. */
async function encryptedDevices(fish: Fish): Promise<string[]> {
  const encrypted: string[] = []
  for (const list of ['list-partitions', 'list-devices', 'lvs', 'list-md-devices']) {
    for (const device of await fish.lines(list)) {
      const type = (await fish.attempt('vfs-type', device)).trim()
      if (type === 'crypto_LUKS') encrypted.push(device)
    }
  }
  return encrypted
}

async function openWithAny(
  fish: Fish,
  options: { device: string; name: string; passphrases: readonly string[] },
): Promise<string | undefined> {
  const { device, name, passphrases } = options
  for (const passphrase of passphrases) {
    await fish.attemptWithKey(passphrase, 'cryptsetup-open', device, name)
    if ((await fish.lines('list-dm-devices')).includes(`/dev/mapper/${name}`)) return passphrase
  }
  return undefined
}

/** Volume groups may be inside. */
async function findVolumes(fish: Fish): Promise<void> {
  await fish.command('lvm-scan', 'true')
}

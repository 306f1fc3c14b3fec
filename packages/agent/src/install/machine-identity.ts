import { createHash } from 'node:crypto'
import { readdir, readFile, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { LandfallError } from '@landfall/model'
import type { StoredMachine } from '../agent-files.ts'

export interface IdentitySources {
  /** `/sys` */
  readonly sys: string
  /** `/etc/machine-id` */
  readonly machineID: string
}

export const KERNEL_IDENTITY_SOURCES: IdentitySources = {
  sys: '/sys',
  machineID: '/etc/machine-id',
}

/**
 * What makes this machine this machine: the permanent addresses of its network cards together with
 * its machine ID.
 *
 * - The same machine, installed again: both stay, and so does the identity. With `previous`, the
 *   identity also outlives added or replaced cards, as long as one of the old ones is still there.
 * - A copy (clone, test instance, restored backup) has the same machine ID but other cards: another
 *   identity, so it is never taken for its source.
 * - Two machines whose hypervisors gave both the same address (QEMU's default) have different
 *   machine IDs: two identities.
 *
 * `separateBy` sets agents on one machine apart that were each given their own disks in their own
 * install directory (forced volumes): they are separate source servers.
 */
export async function identifyMachine(
  sources: IdentitySources,
  options: { previous?: StoredMachine; separateBy?: string } = {},
): Promise<StoredMachine> {
  const macAddresses = await permanentMacAddresses(sources)
  const machineID = await readMachineID(sources)
  if (macAddresses.length === 0 && machineID === '') {
    throw new LandfallError(
      'validation',
      'This machine cannot be told from others: it has no network card with a permanent address and no /etc/machine-id. Run systemd-machine-id-setup and start again.',
    )
  }
  const { previous } = options
  const same =
    previous !== undefined &&
    previous.machineID === machineID &&
    macAddresses.some((mac) => previous.macAddresses.includes(mac))
  const identity = same
    ? previous.identity
    : createHash('sha256')
        .update(JSON.stringify([macAddresses, machineID, options.separateBy ?? '']))
        .digest('hex')
  return { identity, macAddresses, machineID }
}

/**
 * The kernel's word for an address that is burnt in, not random, set or taken from another card.
 */
const ADDRESS_IS_PERMANENT = '0'

/** Addresses of the cards built into the machine, sorted; USB adapters come and go. */
export async function permanentMacAddresses(sources: IdentitySources): Promise<string[]> {
  const found = new Set<string>()
  const folder = join(sources.sys, 'class/net')
  for (const name of await readdir(folder).catch(() => [])) {
    const device = await realpath(join(folder, name, 'device')).catch(() => undefined)
    if (device === undefined || device.includes('/usb')) continue
    // A bond gives its members one common address; the card's own is beside it.
    const bonded = await readText(join(folder, name, 'bonding_slave/perm_hwaddr'))
    const assigned = await readText(join(folder, name, 'addr_assign_type'))
    const own =
      assigned === ADDRESS_IS_PERMANENT ? await readText(join(folder, name, 'address')) : ''
    const mac = bonded || own
    if (/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(mac)) found.add(mac.toLowerCase())
  }
  return [...found].toSorted()
}

async function readMachineID(sources: IdentitySources): Promise<string> {
  const text = await readText(sources.machineID)
  return /^[0-9a-f]{32}$/.test(text) ? text : '' // "uninitialized" is no ID.
}

async function readText(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch {
    return '' // Absent, or an attribute this interface does not have.
  }
}

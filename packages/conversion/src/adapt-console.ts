import type { GuestFiles } from '@landfall/guest'

/** Since trixie's /usr merge both are the same folder. */
const UNIT_FOLDERS = ['/lib/systemd/system', '/usr/lib/systemd/system']

const WANTED = '/etc/systemd/system/getty.target.wants/serial-getty@ttyS0.service'

/**
 * A login prompt on the first serial line, whatever becomes of the network: there the operator gets
 * in. The kernel's own command line stays as it is.
 */
export async function adaptConsole(guest: GuestFiles): Promise<string[]> {
  for (const folder of UNIT_FOLDERS) {
    const unit = `${folder}/serial-getty@.service`
    if ((await guest.read(unit)) === undefined) continue
    await guest.link(unit, WANTED)
    return []
  }
  return ['The system has no systemd: there may be no login prompt on its serial console.']
}

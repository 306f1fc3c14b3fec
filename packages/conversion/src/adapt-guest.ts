import type { GuestFiles, GuestSystem } from '@landfall/guest'
import type { ConversionPlan } from '@landfall/model'
import { adaptAgent } from './adapt-agent.ts'
import { adaptFstab } from './adapt-fstab.ts'
import { adaptNetwork } from './network/adapt-network.ts'

/**
 * Our own touches, made before the converter runs so that the initial ramdisk it builds has them
 * too. Returns what could not be done, as sentences for the job log: none of it stops a conversion.
 */
export async function adaptGuest(guest: GuestSystem, plan: ConversionPlan): Promise<string[]> {
  await declineInstallation(guest)
  return [
    ...(await adaptAgent(guest, plan.identity)),
    ...(await adaptNetwork(guest, plan)),
    ...(await adaptFstab(guest)),
  ]
}

/**
 * The converter plans to install the QEMU guest agent from the network at the first boot. Servers
 * are landed as they are: nothing is installed in them that nobody asked for.
 */
async function declineInstallation(guest: GuestFiles): Promise<void> {
  await guest.link('/dev/null', '/etc/systemd/system/guestfs-firstboot.service')
}

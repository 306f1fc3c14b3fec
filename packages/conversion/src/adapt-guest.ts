import type { GuestFiles, GuestSystem } from '@landfall/guest'
import { LandfallError, errorText } from '@landfall/model'
import type { ConversionPlan } from '@landfall/model'
import { adaptAgent } from './adapt-agent.ts'
import { adaptConsole } from './adapt-console.ts'
import { adaptCrypttab } from './adapt-crypttab.ts'
import { adaptEfiLoader } from './adapt-efi-loader.ts'
import { adaptFstab } from './adapt-fstab.ts'
import { adaptKernelCommandLine } from './adapt-kernel-command-line.ts'
import { adaptNetwork } from './network/adapt-network.ts'

/** What is done to a guest, in this order, and what it is about. */
const ADAPTATIONS: readonly {
  readonly about: string
  readonly adapt: (guest: GuestSystem, plan: ConversionPlan) => Promise<readonly string[]>
}[] = [
  { about: "the converter's units", adapt: declineInstallation },
  { about: 'the agent', adapt: (guest, plan) => adaptAgent(guest, plan.identity) },
  { about: 'the network settings', adapt: adaptNetwork },
  { about: '/etc/fstab', adapt: adaptFstab },
  { about: '/etc/crypttab', adapt: adaptCrypttab },
  { about: "the kernel's command line", adapt: adaptKernelCommandLine },
  { about: 'the serial console', adapt: adaptConsole },
  { about: 'the EFI system partition', adapt: adaptEfiLoader },
]

/**
 * Our own touches, made before initial ramdisks are, so that these have them too. Returns what
 * could not be done, as sentences for the job log: none of it stops a conversion. What cannot be
 * read or written does, and is named.
 */
export async function adaptGuest(guest: GuestSystem, plan: ConversionPlan): Promise<string[]> {
  const warnings: string[] = []
  for (const { about, adapt } of ADAPTATIONS) {
    try {
      warnings.push(...(await adapt(guest, plan)))
    } catch (cause) {
      const message = `In the guest, ${about} could not be adapted: ${errorText(cause)}`
      throw new LandfallError('unavailable', message, { cause })
    }
  }
  return warnings
}

/**
 * virt-v2v plans to install the QEMU guest agent from the network at the first boot. Servers are
 * landed as they are: nothing is installed in them that nobody asked for.
 */
async function declineInstallation(guest: GuestFiles): Promise<readonly string[]> {
  await guest.link('/dev/null', '/etc/systemd/system/guestfs-firstboot.service')
  return []
}

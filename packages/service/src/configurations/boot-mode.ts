import { LandfallError, type SourceProperties } from '@landfall/model'
import type { LaunchSettings } from './settings.ts'

type BootMode = LaunchSettings['bootMode']
type Firmware = SourceProperties['firmware']

const FIRMWARE_OF = { LEGACY_BIOS: 'bios', UEFI: 'uefi' } as const
const BOOT_MODE_OF = { bios: 'LEGACY_BIOS', uefi: 'UEFI' } as const

/** What an instance of the server boots with. */
export function firmwareOf({ firmware }: SourceProperties, bootMode: BootMode): Firmware {
  return bootMode === 'USE_SOURCE' ? firmware : FIRMWARE_OF[bootMode]
}

/**
 * A sentence with both facts where the settings ask for what the source does not boot with: its
 * disks hold no boot loader for the other firmware. Undefined while no agent has looked.
 */
export function bootModeProblem(
  properties: SourceProperties,
  bootMode: BootMode,
): string | undefined {
  const { firmware, disks } = properties
  if (disks.length === 0 || firmwareOf(properties, bootMode) === firmware) return undefined
  return (
    `The source server boots with ${firmware === 'uefi' ? 'UEFI' : 'BIOS'}, and its launch ` +
    `settings ask for ${bootMode}; set bootMode to USE_SOURCE or ${BOOT_MODE_OF[firmware]}.`
  )
}

/** `validation` where that is what somebody sets. */
export function requireBootMode(properties: SourceProperties, bootMode: BootMode | undefined) {
  const message = bootMode && bootModeProblem(properties, bootMode)
  if (!message) return
  throw new LandfallError('validation', message, { fields: [{ name: 'bootMode', message }] })
}

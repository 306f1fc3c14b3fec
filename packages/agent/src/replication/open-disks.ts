import { errorText, LandfallError, type AgentDiskProgress } from '@landfall/model'
import { diskIdentities, locateDisk, type DiskIdentities } from './disk-identity.ts'
import { TrackedDisk } from './tracked-disk.ts'

/**
 * Opens the disks to replicate; those that cannot be are told apart, with the reason. Throws a
 * LandfallError when there is none.
 */
export async function openDisks(options: {
  readonly disks: readonly string[]
  readonly diskIdentities?: DiskIdentities
  readonly sys?: string
  readonly log: (message: string) => void
}): Promise<{ disks: TrackedDisk[]; absent: AgentDiskProgress[] }> {
  const disks: TrackedDisk[] = []
  const absent: AgentDiskProgress[] = []
  const { sys = '/sys', diskIdentities: recorded = {} } = options
  const now = await diskIdentities()
  for (const deviceName of options.disks) {
    try {
      const devicePath = locateDisk(deviceName, recorded, now)
      disks.push(await TrackedDisk.open(deviceName, disks.length, { devicePath, sys }))
      if (devicePath !== deviceName) options.log(`Disk ${deviceName} is ${devicePath} now`)
    } catch (error) {
      options.log(`Disk ${deviceName} is left out: ${errorText(error)}`)
      absent.push({
        deviceName,
        totalStorageBytes: 0,
        replicatedStorageBytes: 0,
        rescannedStorageBytes: 0,
        backloggedStorageBytes: 0,
        error: errorText(error),
      })
    }
  }
  if (disks.length > 0) return { disks, absent }
  const why = absent.map((disk) => disk.error).join('; ')
  throw new LandfallError('unavailable', `No disk can be replicated: ${why}`)
}

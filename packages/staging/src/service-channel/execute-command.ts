import type { StagingCommand } from '@landfall/model'
import type { Conversions } from '../conversions/conversions.ts'
import type { Inspections } from '../conversions/inspections.ts'
import { deletePoint } from '../points/delete-point.ts'
import { pinPoint, unpinPoint } from '../points/pins.ts'
import type { StagingArea } from '../volumes/staging-area.ts'

export interface CommandTargets {
  readonly area: StagingArea
  readonly conversions: Conversions
  readonly inspections: Inspections
  /** Ends the replication of a server whose volumes are about to go. */
  readonly endSession: (sourceServerID: string) => Promise<void>
}

/** Does what the service asks for; the same command again has the same result. */
export async function executeCommand(
  command: StagingCommand,
  { area, conversions, inspections, endSession }: CommandTargets,
): Promise<object> {
  switch (command.type) {
    case 'CREATE_VOLUMES':
      await area.createVolumes(command.sourceServerID, command.disks)
      return {}
    case 'DELETE_VOLUMES':
      await area.deleteVolumes(command.sourceServerID, () => endSession(command.sourceServerID))
      await conversions.forget(command.sourceServerID)
      return {}
    case 'DELETE_POINT':
      await deletePoint(area, command)
      return {}
    case 'PIN_POINT':
      return { disks: await pinPoint(area, command) }
    case 'UNPIN_POINT':
      await unpinPoint(area, command.pinID)
      return {}
    case 'INSPECT_POINT':
      return await inspections.inspect(command)
    case 'CONVERT':
      return {
        disks: (await Promise.all([conversions.convert(command), inspections.giveWay()]))[0],
      }
    case 'DISCARD_CONVERSION':
      await conversions.discard(command.instanceID)
      return {}
  }
}

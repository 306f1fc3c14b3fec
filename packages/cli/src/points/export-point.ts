import type { PointDisk } from '@landfall/model'
import { type DiskExport, findDisk, writeDisk } from '../disk-export.ts'
import { refuseToOverwrite } from '../refuse-to-overwrite.ts'
import type { ServiceClient } from '../service-client/service-client.ts'
import type { PinnedPoint } from './point-view.ts'

export interface ExportRequest extends DiskExport {
  readonly sourceServerID: string
  readonly pointID: string
  readonly deviceName: string
  /** Replace the file when it exists. */
  readonly force: boolean
}

/**
 * Writes one disk of a point to a file: whole and durable, or not at all. The point is pinned
 * meanwhile, so nothing can take it away from under the copy.
 */
export async function exportPoint(client: ServiceClient, request: ExportRequest): Promise<void> {
  const { sourceServerID, pointID, deviceName, file, signal } = request
  if (!request.force) await refuseToOverwrite(file)
  const pinned = await client.landfall<PinnedPoint>('PinPoint', { sourceServerID, pointID }, signal)
  try {
    const disk: PointDisk = findDisk(pinned.disks, deviceName, `Point ${pointID}`)
    await writeDisk(disk.layerPath, request)
  } finally {
    // Not with the signal: an interrupted export gives its pin back too.
    await client.landfall('UnpinPoint', { pinID: pinned.pinID })
  }
}

import { describePoint, withAnnounced } from '../points/points.ts'
import type { StagingArea } from '../volumes/staging-area.ts'
import type { RecordedPoint } from '../volumes/volume-record.ts'
import type { Notices } from './notices.ts'

/**
 * Tells the service of every point that it has not accepted yet: after a point was taken, and for
 * all servers after a start.
 */
export function announcePoints(area: StagingArea, notices: Notices, sourceServerID: string): void {
  const points = area.find(sourceServerID)?.record.points ?? []
  for (const point of points) {
    if (!point.announced) announce(area, notices, sourceServerID, point)
  }
}

function announce(
  area: StagingArea,
  notices: Notices,
  sourceServerID: string,
  point: RecordedPoint,
): void {
  const { pointID } = point.description
  notices.tell(`point ${pointID}`, {
    action: 'BatchCreateVolumeSnapshotGroupForMgn',
    body: async () => {
      const store = area.find(sourceServerID)?.store
      return store && { point: await describePoint(store, point) }
    },
    onAccepted: async () => {
      const store = area.find(sourceServerID)?.store
      await store?.update((record) => withAnnounced(record, pointID))
    },
  })
}

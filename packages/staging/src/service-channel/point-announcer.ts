import { describePoint, withAnnounced } from '../points/points.ts'
import type { StagingArea } from '../volumes/staging-area.ts'
import type { Notices } from './notices.ts'

/**
 * Tells the service of every point that it has not accepted yet: after a point was taken, and for
 * all servers after a start.
 */
export function announcePoints(area: StagingArea, notices: Notices, sourceServerID: string): void {
  const points = area.find(sourceServerID)?.record.points ?? []
  for (const point of points) {
    if (!point.announced) announce(area, notices, sourceServerID, point.description.pointID)
  }
}

function announce(
  area: StagingArea,
  notices: Notices,
  sourceServerID: string,
  pointID: string,
): void {
  notices.tell(`point ${pointID}`, {
    action: 'BatchCreateVolumeSnapshotGroupForMgn',
    body: async () => {
      const store = area.find(sourceServerID)?.store
      const exists = store?.current.points.some((point) => point.description.pointID === pointID)
      return store && exists ? { point: await describePoint(store, pointID) } : undefined
    },
    onAccepted: async () => {
      const store = area.find(sourceServerID)?.store
      await store?.update((record) => withAnnounced(record, pointID))
    },
  })
}

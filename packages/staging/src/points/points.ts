import {
  LandfallError,
  type PointDescription,
  type PointRecord,
  type ResourceReference,
} from '@landfall/model'
import { stat } from 'node:fs/promises'
import {
  withoutFiles,
  type RecordedPoint,
  type VolumeRecord,
  type VolumeRecordStore,
} from '../volumes/volume-record.ts'

/**
 * Points per source server. Each is a layer that reads of old data pass through: a hundred were
 * read at 100 MiB/s and opened in a second.
 */
export const POINTS_MAX = 100

/**
 * Layers per source server, over all disks: each takes the storage daemon 0.18 MiB and an open
 * file, of which a process may have 1024.
 */
export const LAYERS_MAX = 600

/** The point as the record has it; `not_found` when it does not. */
export function findPoint(record: VolumeRecord, pointID: string): RecordedPoint {
  const found = record.points.find((point) => point.description.pointID === pointID)
  if (found !== undefined) return found
  throw new LandfallError(
    'not_found',
    `The staging area has no point ${pointID} of source server ${record.sourceServerID}`,
    { resource: pointResource(pointID) },
  )
}

/** Refuses one point more than there may be. A deleted one counts until its layers are merged. */
export function checkPointCount(record: VolumeRecord): void {
  const disks = Math.max(record.volumes.filter((volume) => volume.layers.length > 0).length, 1)
  const pointsMax = Math.min(POINTS_MAX, Math.floor(LAYERS_MAX / disks) - 1)
  const kept = Math.max(record.points.length, ...record.volumes.map((v) => v.layers.length - 1))
  if (kept < pointsMax) return
  throw new LandfallError(
    'quota_exceeded',
    `Source server ${record.sourceServerID} has ${record.points.length} points, or layers of deleted ones, and with ${disks} disks no more than ${pointsMax} can be kept. Keep points for a shorter time, or delete some; where an instance stands on a later point, terminate it or finalize the cutover first`,
    { quota: { code: 'POINTS_MAX', value: pointsMax } },
  )
}

/**
 * The record with the overlays on top of the layers, which the point now keeps; by the index of the
 * volume, none for one that is retired.
 */
export function withPoint(
  record: VolumeRecord,
  description: PointDescription,
  overlays: ReadonlyMap<number, string>,
): VolumeRecord {
  const layers = record.volumes.map((volume, index) =>
    overlays.has(index) ? (volume.layers.at(-1) ?? null) : null,
  )
  const diskBytes = record.volumes.map((volume) => volume.sizeBytes)
  const volumes = record.volumes.map((volume, index) => ({
    ...volume,
    layers: [...volume.layers, ...[overlays.get(index) ?? []].flat()],
  }))
  const point = { description, layers, diskBytes, announced: false }
  const files = [...overlays.values()]
  return withoutFiles({ ...record, volumes, points: [...record.points, point] }, files)
}

/**
 * The record without the point; its layers stay until they are merged. An unknown point changes
 * nothing. `conflict` for the newest point, and while this point or a later one is pinned.
 */
export function withoutPoint(record: VolumeRecord, pointID: string): VolumeRecord {
  const { points, pins } = record
  const from = points.findIndex((point) => point.description.pointID === pointID)
  if (from === -1) return record
  const resource = pointResource(pointID)
  if (from === points.length - 1) {
    throw new LandfallError(
      'conflict',
      `Point ${pointID} cannot be deleted: it is the newest of source server ${record.sourceServerID}. Take another point first`,
      { resource },
    )
  }
  const above = new Set(points.slice(from).map((point) => point.description.pointID))
  const pin = pins.find((candidate) => above.has(candidate.pointID))
  if (pin !== undefined) {
    throw new LandfallError(
      'conflict',
      `Point ${pointID} cannot be deleted: ${pin.pinID} uses point ${pin.pointID}, which stands on its layers. Terminate the instance, or finalize the cutover, first`,
      { resource },
    )
  }
  return { ...record, points: points.filter((_, index) => index !== from) }
}

export function withAnnounced(record: VolumeRecord, pointID: string): VolumeRecord {
  const points = record.points.map((point) =>
    point.description.pointID === pointID ? { ...point, announced: true } : point,
  )
  return { ...record, points }
}

/**
 * The record with the point needed by `pinID`. The same pin twice is one pin; `conflict` when it
 * already holds another point.
 */
export function withPin(record: VolumeRecord, pointID: string, pinID: string): VolumeRecord {
  findPoint(record, pointID)
  const held = record.pins.find((pin) => pin.pinID === pinID)
  if (held === undefined) return { ...record, pins: [...record.pins, { pinID, pointID }] }
  if (held.pointID === pointID) return record
  throw new LandfallError('conflict', `Pin ${pinID} already holds point ${held.pointID}`, {
    resource: pointResource(held.pointID),
  })
}

/** An unknown pin changes nothing: unpinning twice is fine. */
export function withoutPin(record: VolumeRecord, pinID: string): VolumeRecord {
  return { ...record, pins: record.pins.filter((pin) => pin.pinID !== pinID) }
}

/**
 * The point as the service and the conversion see it: absolute paths, sizes on the staging disk.
 * `not_found` when there is no such point.
 */
export async function describePoint(
  store: VolumeRecordStore,
  pointID: string,
): Promise<PointRecord> {
  const point = findPoint(store.current, pointID)
  try {
    return await describeLayers(store, point)
  } catch (error) {
    // A layer that was merged meanwhile is in the record under another name before it goes.
    const isMerged = findPoint(store.current, pointID) !== point
    if (!isMerged || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return await describePoint(store, pointID)
  }
}

async function describeLayers(
  store: VolumeRecordStore,
  point: RecordedPoint,
): Promise<PointRecord> {
  const { sourceServerID, volumes } = store.current
  const disks = await Promise.all(
    point.layers.map(async (layer, index) => {
      if (layer === null) return []
      const { deviceName = '' } = volumes[index] ?? {}
      const sizeBytes = point.diskBytes[index] ?? 0
      const layerPath = store.pathOf(layer)
      // st_blocks counts units of 512 bytes whatever the file system's block size.
      const layerBytes = (await stat(layerPath)).blocks * 512
      return [{ deviceName, sizeBytes, layerPath, layerBytes }]
    }),
  )
  return { ...point.description, sourceServerID, disks: disks.flat() }
}

function pointResource(pointID: string): ResourceReference {
  return { resourceId: pointID, resourceType: 'Point' }
}

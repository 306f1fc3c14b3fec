import { withFiles, type RecordedMerge, type VolumeRecord } from './volume-record.ts'

/**
 * A layer that is no point's any more takes up the layer above it: then that one's point has the
 * lower file, and the upper one goes. These functions say what the record allows and becomes.
 */

/** Whether the point's chain passes through the layer; a point that is not there has none. */
export function passesThrough(record: VolumeRecord, pointID: string, layer: string): boolean {
  const point = record.points.find((candidate) => candidate.description.pointID === pointID)
  const index = record.volumes.findIndex(({ layers }) => layers.includes(layer))
  const layers = record.volumes[index]?.layers ?? []
  // A disk that was added after the point, or left out before, is not in it.
  const own = point?.layers[index] ?? null
  return own !== null && layers.indexOf(own) >= layers.indexOf(layer)
}

/** A merge would change files that somebody outside of the storage daemon has open. */
export function isHeld(record: VolumeRecord, merge: RecordedMerge): boolean {
  return record.pins.some(({ pointID }) => passesThrough(record, pointID, merge.top))
}

/** What may be merged now, the lowest first: from there each layer is copied once. */
export function nextMerge(record: VolumeRecord): RecordedMerge | undefined {
  const kept = new Set(record.points.flatMap((point) => point.layers))
  for (const { layers } of record.volumes) {
    for (const [position, base] of layers.entries()) {
      const [top, next] = layers.slice(position + 1)
      if (kept.has(base) || top === undefined || next === undefined) continue
      const merge = { base, top, next }
      if (!isHeld(record, merge)) return merge
    }
  }
  return undefined
}

/** The record after the merge, with the upper file as one to be removed. */
export function withMerged(record: VolumeRecord, { base, top }: RecordedMerge): VolumeRecord {
  const volumes = record.volumes.map((volume) => ({
    ...volume,
    layers: volume.layers.filter((layer) => layer !== top),
  }))
  const points = record.points.map((point) => ({
    ...point,
    layers: point.layers.map((layer) => (layer === top ? base : layer)),
  }))
  return withFiles({ ...record, volumes, points, merge: null }, [top])
}

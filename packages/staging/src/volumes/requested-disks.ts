import { withFiles, type RecordedVolume, type VolumeRecord } from './volume-record.ts'

export interface RequestedDisk {
  readonly deviceName: string
  readonly sizeBytes: number
}

/**
 * The record after a request for just these disks, but for the volumes that are missing: the volume
 * of a disk that is not asked for any more is retired, and that of one that has shrunk, which then
 * is missing. The same record when nothing changes.
 */
export function withRequested(record: VolumeRecord, disks: readonly RequestedDisk[]): VolumeRecord {
  const volumes = record.volumes.map((volume): RecordedVolume => {
    if (volume.retired) return volume
    const disk = disks.find(({ deviceName }) => deviceName === volume.deviceName)
    if (disk === undefined) return { ...volume, retired: true }
    const { sizeBytes } = disk
    // Asked again for what was asked before, of a disk that has grown since.
    if (sizeBytes === (volume.askedBytes ?? volume.sizeBytes)) return volume
    if (sizeBytes < volume.sizeBytes) return { ...volume, retired: true }
    return { ...volume, sizeBytes, askedBytes: sizeBytes }
  })
  const isSame = volumes.every((volume, index) => volume === record.volumes[index])
  return isSame ? record : withoutUnusedLayers({ ...record, volumes })
}

export function missingDisks(
  record: VolumeRecord | undefined,
  disks: readonly RequestedDisk[],
): RequestedDisk[] {
  const volumes = record?.volumes.filter((volume) => !volume.retired) ?? []
  return disks.filter((disk) => !volumes.some(({ deviceName }) => deviceName === disk.deviceName))
}

/** The record with the volumes of disks that have grown as large as they; or the same record. */
export function withGrown(record: VolumeRecord, disks: readonly RequestedDisk[]): VolumeRecord {
  const volumes = record.volumes.map((volume): RecordedVolume => {
    const disk = disks.find(({ deviceName }) => deviceName === volume.deviceName)
    if (volume.retired || disk === undefined || disk.sizeBytes <= volume.sizeBytes) return volume
    const askedBytes = volume.askedBytes ?? volume.sizeBytes
    return { ...volume, sizeBytes: disk.sizeBytes, askedBytes }
  })
  const isSame = volumes.every((volume, index) => volume === record.volumes[index])
  return isSame ? record : { ...record, volumes }
}

/**
 * The record with the layers of retired volumes that no point has any more as files to be removed;
 * or the same record.
 */
export function withoutUnusedLayers(record: VolumeRecord): VolumeRecord {
  const kept = new Set(record.points.flatMap((point) => point.layers))
  const isUnused = ({ retired, layers }: RecordedVolume): boolean =>
    retired === true && layers.length > 0 && !layers.some((layer) => kept.has(layer))
  const files = record.volumes.filter(isUnused).flatMap((volume) => volume.layers)
  if (files.length === 0) return record
  const volumes = record.volumes.map((volume) =>
    isUnused(volume) ? { ...volume, layers: [] } : volume,
  )
  return withFiles({ ...record, volumes }, files)
}

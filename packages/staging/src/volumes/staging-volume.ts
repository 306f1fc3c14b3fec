import type { PointDescription, PointRecord } from '@landfall/model'

export interface VolumeReader {
  readonly sizeBytes: number
  /**
   * Gives `take` the bytes in order, piece by piece; a piece is lent for the call. They are worth
   * nothing when it rejects.
   */
  read(offset: number, length: number, take: (piece: Uint8Array) => void): Promise<void>
}

/**
 * A staging volume: the replica of one source disk.
 *
 * Ranges lie inside the volume; anything else is a defect of the caller. Calls may overlap in time;
 * two writes to one range at a time end with either content. A call rejects with a `StorageError`;
 * a failed write may have happened in part.
 */
export interface StagingVolume extends VolumeReader {
  /** Resolves when every later read sees the data; it is durable only after `flush`. */
  write(offset: number, data: Uint8Array): Promise<void>
  /** As `write` of each range, in any order; they do not overlap. */
  writeAll(ranges: readonly { readonly offset: number; readonly data: Uint8Array }[]): Promise<void>
  /** As `write` of zeros, and takes no space where the storage can do without. */
  writeZeroes(offset: number, length: number): Promise<void>
  /** Everything that was written before the call survives a power failure when this resolves. */
  flush(): Promise<void>
}

/** A volume as it was at a point. */
export type PointReader = VolumeReader & AsyncDisposable

export interface VolumeDescription {
  readonly deviceName: string
  readonly sizeBytes: number
  /** No write was ever accepted. Durably false before the first write resolves. */
  readonly pristine: boolean
  /** The disk is not replicated any more; the volume is there for points of earlier. */
  readonly retired?: true
}

/**
 * All volumes of one source server. A point is taken of all of them together, or not at all.
 */
export interface VolumeSet {
  /** In the order in which they were created. */
  describe(): readonly VolumeDescription[]
  volume(index: number): StagingVolume
  flush(): Promise<void>
  /**
   * Keeps the present content of all volumes under the point's ID. Waits for the writes in flight;
   * writes that begin later are not in it. Durable when it resolves. Asked again with an ID that
   * exists, it answers with what exists. `quota_exceeded` when there are too many points.
   */
  createPoint(description: PointDescription): Promise<PointRecord>
  /** `not_found` when there is no such point. */
  openPoint(pointID: string, index: number): Promise<PointReader>
  /** Settles when the volumes cannot be used any more, with the reason; open them anew then. */
  readonly lost: Promise<string>
}

/** A point: one consistent moment of a source server, one snapshot of every disk, atomically. */

/**
 * How sure the content of a point is to be whole. `application`: the source's own hooks brought its
 * applications to rest, and the filesystems were frozen.
 */
export type PointConsistency = 'application' | 'filesystem' | 'crash'

/** Why a point was made: by the service's own accord, for an operator, or for a launch. */
export const POINT_REASONS = ['SCHEDULED', 'ON_DEMAND', 'LAUNCH'] as const

export type PointReason = (typeof POINT_REASONS)[number]

/** What the agent knows about a point when it asks for it; kept with the point. */
export interface PointDescription {
  readonly pointID: string
  readonly consistency: PointConsistency
  /** Mount points that were frozen. */
  readonly frozen: readonly string[]
  /** What could not be frozen, and why (vfat, swap, raw devices, budget exceeded). */
  readonly notFrozen: readonly { readonly what: string; readonly why: string }[]
  /** How long the filesystems stood still, in milliseconds; 0 when nothing was frozen. */
  readonly freezeMs: number
  /** The moment the point stands for, ISO 8601 in UTC by the source's clock. */
  readonly takenAt: string
}

/** One disk of a point as the staging area keeps it. */
export interface PointDisk {
  readonly deviceName: string
  readonly sizeBytes: number
  /** Absolute path of the qcow2 layer that holds the disk at the point (with its backing chain). */
  readonly layerPath: string
  /** Bytes the layer itself takes on the staging disk. */
  readonly layerBytes: number
}

export interface PointRecord extends PointDescription {
  readonly sourceServerID: string
  readonly disks: readonly PointDisk[]
}

/** A point as the service answers it to operators. */
export interface PointView {
  readonly id: string
  /** Null until the point is available, as is what follows from its being taken. */
  readonly takenAt: string | null
  readonly state: 'REQUESTED' | 'AVAILABLE' | 'DELETING' | 'FAILED'
  readonly error?: string
  /** Null for points of a version that did not record it. */
  readonly reason: PointReason | null
  readonly consistency: PointConsistency | null
  readonly frozen: readonly string[]
  readonly notFrozen: readonly { readonly what: string; readonly why: string }[]
  readonly freezeMs: number
  /** What its layers took on the staging disk when it was made; it grows by a deletion below it. */
  readonly sizeBytes: number
  readonly verifiedAt?: string
}

import type { PointConsistency, PointDisk, VerificationReport } from '@landfall/model'

/** Landfall's own operations on points, as the service answers them. */
export interface PointView {
  readonly id: string
  /** Null until the point is available, as is what follows from its being taken. */
  readonly takenAt: string | null
  readonly state: 'REQUESTED' | 'AVAILABLE' | 'FAILED'
  readonly error?: string
  readonly consistency: PointConsistency | null
  readonly frozen: readonly string[]
  readonly notFrozen: readonly { readonly what: string; readonly why: string }[]
  readonly freezeMs: number
  /** What its layers take on the staging disk. */
  readonly sizeBytes: number
  readonly verifiedAt?: string
}

export interface PinnedPoint {
  readonly pinID: string
  readonly disks: readonly PointDisk[]
}

export interface VerificationView {
  readonly status: 'RUNNING' | 'COMPLETED' | 'FAILED'
  readonly report?: VerificationReport
  readonly error?: string
}

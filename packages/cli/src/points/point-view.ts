import type { PointDisk, VerificationReport } from '@landfall/model'

/** Landfall's own operations on points, as the service answers them. */
export interface PinnedPoint {
  readonly pinID: string
  readonly disks: readonly PointDisk[]
}

export interface VerificationView {
  readonly status: 'RUNNING' | 'COMPLETED' | 'FAILED'
  readonly report?: VerificationReport
  readonly error?: string
}

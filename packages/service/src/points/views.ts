import type { PointConsistency } from '@landfall/model'
import type { PointRow, PointState } from './tables.ts'

/** A point as the command line shows it. */
export interface PointView {
  readonly id: string
  readonly takenAt: string | null
  readonly state: PointState
  readonly error?: string
  readonly consistency: PointConsistency | null
  readonly frozen: readonly string[]
  readonly notFrozen: readonly { readonly what: string; readonly why: string }[]
  readonly freezeMs: number
  /** What its layers take on the staging disk. */
  readonly sizeBytes: number
  readonly verifiedAt?: string
}

export function viewPoint(row: PointRow): PointView {
  return {
    id: row.point_id,
    takenAt: row.taken_at?.toISOString() ?? null,
    state: row.state,
    ...(row.error !== null && { error: row.error }),
    consistency: row.description?.consistency ?? null,
    frozen: row.description?.frozen ?? [],
    notFrozen: row.description?.notFrozen ?? [],
    freezeMs: row.description?.freezeMs ?? 0,
    sizeBytes: row.disks.reduce((sum, disk) => sum + disk.layerBytes, 0),
    ...(row.verified_at && { verifiedAt: row.verified_at.toISOString() }),
  }
}

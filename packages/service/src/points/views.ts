import type { PointView } from '@landfall/model'
import type { PointRow } from './tables.ts'

export function viewPoint(row: PointRow): PointView {
  return {
    id: row.point_id,
    takenAt: row.taken_at?.toISOString() ?? null,
    state: row.state,
    ...(row.error !== null && { error: row.error }),
    reason: row.reason,
    consistency: row.description?.consistency ?? null,
    frozen: row.description?.frozen ?? [],
    notFrozen: row.description?.notFrozen ?? [],
    freezeMs: row.description?.freezeMs ?? 0,
    sizeBytes: row.disks.reduce((sum, disk) => sum + disk.layerBytes, 0),
    ...(row.verified_at && { verifiedAt: row.verified_at.toISOString() }),
  }
}

import type { PointDescription, PointDisk, PointPolicy, PointReason } from '@landfall/model'
import type { ColumnType, Generated, Selectable } from 'kysely'
import type { JsonColumn } from '../json-column.ts'

/** DELETING: no longer offered, and the staging area is asked to free it. */
export type PointState = 'REQUESTED' | 'AVAILABLE' | 'DELETING' | 'FAILED'

export interface PointsTable {
  point_id: string
  /** The order in which points are asked for and made; the clock of a source may jump. */
  seq: Generated<number>
  source_server_id: string
  state: PointState
  /** Null for points of a version that did not record it. */
  reason: PointReason | null
  requested_at: ColumnType<Date, Date, never>
  /** Why it failed, or could not be deleted. */
  error: string | null
  /** The moment the point stands for; null until it is available. */
  taken_at: Date | null
  description: JsonColumn<PointDescription> | null
  disks: JsonColumn<readonly PointDisk[]>
  /** When its hashes were last found equal to the source's. */
  verified_at: Date | null
  /** A deletion was refused or failed: it is not asked for again earlier. */
  delete_not_before: Date | null
}

export interface PinsTable {
  pin_id: string
  source_server_id: string
  point_id: string
}

/** A server without a row has the default. */
export interface PointPoliciesTable {
  source_server_id: string
  policy: JsonColumn<PointPolicy>
}

export type PointRow = Selectable<PointsTable>

export interface PointTables {
  points: PointsTable
  pins: PinsTable
  point_policies: PointPoliciesTable
}

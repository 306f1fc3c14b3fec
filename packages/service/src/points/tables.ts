import type { PointDescription, PointDisk } from '@landfall/model'
import type { ColumnType, Generated, Selectable } from 'kysely'
import type { JsonColumn } from '../json-column.ts'

export type PointState = 'REQUESTED' | 'AVAILABLE' | 'FAILED'

export interface PointsTable {
  point_id: string
  seq: Generated<number>
  source_server_id: string
  state: PointState
  requested_at: ColumnType<Date, Date, never>
  /** Why it failed. */
  error: string | null
  /** The moment the point stands for; null until it is available. */
  taken_at: Date | null
  description: JsonColumn<PointDescription> | null
  disks: JsonColumn<readonly PointDisk[]>
  /** When its hashes were last found equal to the source's. */
  verified_at: Date | null
}

export interface PinsTable {
  pin_id: string
  source_server_id: string
  point_id: string
}

export type PointRow = Selectable<PointsTable>

export interface PointTables {
  points: PointsTable
  pins: PinsTable
}

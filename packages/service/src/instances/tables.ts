import type { FirstBoot, InstancePurpose } from '@landfall/model'
import type { ColumnType, Generated, Selectable } from 'kysely'
import type { JsonColumn } from '../json-column.ts'
import type { InstanceNetworkPlan } from '../networks/network-plans.ts'

/** PENDING: chosen and recorded, not launched yet. */
export type InstanceState = 'PENDING' | 'RUNNING' | 'STOPPED' | 'TERMINATED'

export interface InstanceDisk {
  readonly deviceName: string
  readonly path: string
}

export interface InstancesTable {
  instance_id: string
  source_server_id: string
  job_id: string
  purpose: InstancePurpose
  state: InstanceState
  first_boot: FirstBoot
  /** When its agent told of it. */
  first_booted_at: ColumnType<Date | null, never, Date>
  hostname: string | null
  disks: JsonColumn<readonly InstanceDisk[]>
  /** As it was launched; null before that. */
  instance_type: string | null
  tags: ColumnType<Record<string, string>, string | undefined, string>
  /** Null before it is known, and of an instance of before networks were planned. */
  network: ColumnType<InstanceNetworkPlan | null, string | undefined, string>
  firmware: Generated<'bios' | 'uefi'>
  /** Termination protection: nothing removes the instance until somebody switches it off. */
  is_protected: Generated<boolean>
  /** Where it is less than was asked for, a sentence each. */
  notes: ColumnType<readonly string[], string | undefined, string>
  /** The moment of the source that its disks began with; null when that is not known. */
  point_taken_at: Date | null
  created_at: ColumnType<Date, Date, never>
  /** Its disks no longer need the staging area. */
  independent_at: Date | null
}

export type InstanceRow = Selectable<InstancesTable>

export interface InstanceTables {
  instances: InstancesTable
}

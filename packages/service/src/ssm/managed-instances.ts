import type { InstanceFacts } from '@landfall/model'
import type { Kysely } from 'kysely'
import type { Database } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'
import type { InstanceState } from '../instances/tables.ts'
import type { Timing } from '../timing.ts'

/** An instance that is not terminated, whose agent has asked for commands and is there still. */
export interface ManagedInstance {
  readonly instance_id: string
  readonly seq: number
  readonly state: InstanceState
  readonly tags: Readonly<Record<string, string>>
  readonly registered_at: Date
  readonly last_ping_at: Date
  readonly facts: InstanceFacts
}

export function managedInstances(db: Kysely<Schema>): Promise<ManagedInstance[]> {
  return db
    .selectFrom('ssm_instances')
    .innerJoin('instances', 'instances.instance_id', 'ssm_instances.instance_id')
    .selectAll('ssm_instances')
    .select(['instances.state', 'instances.tags'])
    .where('instances.state', '<>', 'TERMINATED')
    .where('instances.purpose', '<>', 'REHEARSAL')
    .where('agent_removed_at', 'is', null)
    .orderBy('ssm_instances.seq')
    .execute()
}

/** The agent of the instance has asked for commands. */
export async function markPinged(
  db: Database,
  ping: { readonly instanceID: string; readonly facts: InstanceFacts; readonly now: Date },
): Promise<void> {
  const { instanceID, facts, now } = ping
  const values = { last_ping_at: now, facts: JSON.stringify(facts) }
  await db
    .insertInto('ssm_instances')
    .values({ instance_id: instanceID, registered_at: now, ...values })
    .onConflict((conflict) => conflict.column('instance_id').doUpdateSet(values))
    .execute()
}

export type PingStatus = 'Online' | 'ConnectionLost' | 'Inactive'

export function pingStatus(
  { last_ping_at: lastPing }: Pick<ManagedInstance, 'last_ping_at'>,
  now: Date,
  { instanceLostMs, instanceInactiveMs }: Timing,
): PingStatus {
  const silentMs = now.getTime() - lastPing.getTime()
  if (silentMs < instanceLostMs) return 'Online'
  return silentMs < instanceInactiveMs ? 'ConnectionLost' : 'Inactive'
}

/** Whether a command can be sent there. One that was stopped may still run, or do so again. */
export function takesCommands(instance: ManagedInstance, now: Date, timing: Timing): boolean {
  return instance.state !== 'STOPPED' || pingStatus(instance, now, timing) === 'Online'
}

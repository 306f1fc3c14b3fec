import { LIFECYCLE_EVENTS, type ServerAction } from '@landfall/model'
import { refusalOf, type LifecycleFacts } from '../lifecycle/refusal.ts'
import { NO_POINT } from '../points/operations.ts'
import type { DataReplicationInfo } from '../source-servers/replication-view.ts'
import type { SourceServerRow } from '../source-servers/tables.ts'

/** Why operations would be refused now, a sentence each; what is not in it is possible. */
export type Refusals = Partial<Record<ServerAction, string>>

/** By the same rules that the operations themselves go by. */
export async function refusalsOf(
  server: SourceServerRow,
  facts: LifecycleFacts,
  { dataReplicationState }: DataReplicationInfo,
): Promise<Refusals> {
  const told: (readonly [ServerAction, string | undefined])[] = []
  for (const event of LIFECYCLE_EVENTS) {
    told.push([event, (await refusalOf(event, server, facts))?.what])
  }
  const { desired, instance_id: instanceID } = server
  const noPoint = NO_POINT[dataReplicationState]
  const isNot = (wanted: string, is: string) =>
    is === wanted ? undefined : `has data replication that is ${is}, not ${wanted}`
  told.push(
    ['PauseReplication', isNot('REPLICATING', desired)],
    ['ResumeReplication', isNot('PAUSED', desired)],
    ['RetryDataReplication', isNot('STALLED', dataReplicationState)],
    ['CreatePoint', noPoint && `can have no point made: ${noPoint}`],
    ['StartVerification', isNot('REPLICATING', desired)],
  )
  if (instanceID === null) told.push(['TerminateTargetInstances', 'has no launched instance'])
  return Object.fromEntries(
    told.flatMap(([action, what]) => (what === undefined ? [] : [[action, `It ${what}.`]])),
  )
}

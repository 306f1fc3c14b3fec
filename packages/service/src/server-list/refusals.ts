import { LIFECYCLE_EVENTS, type LifecycleEvent } from '@landfall/model'
import { refusalOf, type LifecycleFacts } from '../lifecycle/refusal.ts'
import { NO_POINT } from '../points/operations.ts'
import type { SourceServerRow } from '../source-servers/tables.ts'

/** Operations on a server that are no event of its life cycle. */
type OtherAction =
  | 'PauseReplication'
  | 'ResumeReplication'
  | 'RetryDataReplication'
  | 'CreatePoint'
  | 'StartVerification'

export type ServerAction = LifecycleEvent | OtherAction

/** Why operations would be refused now, a sentence each; what is not in it is possible. */
export type Refusals = Partial<Record<ServerAction, string>>

/** By the same rules that the operations themselves go by. */
export function refusalsOf(server: SourceServerRow, facts: LifecycleFacts): Refusals {
  const told: (readonly [ServerAction, string | undefined])[] = LIFECYCLE_EVENTS.map((event) => [
    event,
    refusalOf(event, server, facts)?.what,
  ])
  const { desired, instance_id: instanceID } = server
  const { dataReplicationState } = facts.info
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

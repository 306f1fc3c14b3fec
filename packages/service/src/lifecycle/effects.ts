import type { LifecycleEvent } from '@landfall/model'
import type { Updateable } from 'kysely'
import type {
  DesiredReplication,
  LaunchHistory,
  SourceServerRow,
  SourceServersTable,
} from '../source-servers/tables.ts'

/** What an event brings along. */
export interface EventDetails {
  readonly now: Date
  /** The job that StartTest and StartCutover made; the one that launched what is promoted. */
  readonly jobID?: string
}

type Changes = Updateable<SourceServersTable>
type Effect = (server: SourceServerRow, details: EventDetails) => Changes

/** What an event writes besides the state; events without a row write nothing. */
const EFFECTS: Partial<Record<LifecycleEvent, Effect>> = {
  StartTest: (_, details) => ({ last_test: initiated(details) }),
  StartCutover: (_, details) => ({ last_cutover: initiated(details) }),
  PromoteTestInstance: (_, details) => ({ last_cutover: initiated(details) }),
  MarkReadyForTest: (server, { now }) =>
    server.state === 'READY_FOR_TEST' ? {} : { last_test: add(server.last_test, 'reverted', now) },
  MarkReadyForCutover(server, { now }) {
    if (server.state === 'READY_FOR_CUTOVER') return {}
    return server.state === 'CUTTING_OVER'
      ? { last_cutover: add(server.last_cutover, 'reverted', now) }
      : { last_test: add(server.last_test, 'finalized', now) }
  },
  MarkCutover: (server, { now }) =>
    server.state === 'CUTOVER' ? {} : { last_cutover: add(server.last_cutover, 'finalized', now) },
  FinalizeCutover: (server, { now }) => ({
    last_cutover: add(server.last_cutover, 'finalized', now),
    ...stopReplicating(server, 'DISCONNECTED', now),
  }),
  DisconnectFromService: (server, { now }) => stopReplicating(server, 'DISCONNECTED', now),
  StopReplication: (server, { now }) => stopReplicating(server, 'STOPPED', now),
  StartReplication: (_, { now }) => startReplicating(now),
  // An imported server begins, and one that was disconnected begins again: with the agent came a
  // new start, and instances of the time before can no longer be mapped to it.
  AgentRegistered: (server, { now }) =>
    server.state === 'DISCONNECTED' || server.state === 'PENDING_INSTALLATION'
      ? { ...startReplicating(now), instance_id: null, is_archived: false }
      : {},
  BecameLaunchable: () => ({ was_ready: true }),
  MarkAsArchived: () => ({ is_archived: true }),
}

/** What `event` changes of the server's row. */
export function effectOf(
  event: LifecycleEvent,
  server: SourceServerRow,
  details: EventDetails,
): Changes {
  return EFFECTS[event]?.(server, details) ?? {}
}

/** Replication begins from nothing. */
export function startReplicating(now: Date) {
  return {
    desired: 'REPLICATING' as const,
    initiation: JSON.stringify({ startedAt: now.toISOString() }),
    staging_error: null,
    report: null,
    reported_at: null,
  } satisfies Changes
}

function stopReplicating(server: SourceServerRow, desired: DesiredReplication, now: Date): Changes {
  const since = server.replicating_since
  return {
    desired,
    initiation: JSON.stringify({}),
    staging_error: null,
    report: null,
    reported_at: null,
    replicated_ms: server.replicated_ms + (since ? now.getTime() - since.getTime() : 0),
    replicating_since: null,
    replicator_id: null,
  }
}

function initiated({ now, jobID = '' }: EventDetails): string {
  return JSON.stringify({
    initiated: { apiCallDateTime: now.toISOString(), jobID },
  } satisfies LaunchHistory)
}

function add(history: LaunchHistory, what: 'reverted' | 'finalized', now: Date): string {
  return JSON.stringify({ ...history, [what]: { apiCallDateTime: now.toISOString() } })
}

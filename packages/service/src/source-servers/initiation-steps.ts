import {
  INITIATION_STEPS,
  type DataReplicationErrorCode,
  type DataReplicationState,
  type InitiationStep,
  type InitiationStepStatus,
} from '@landfall/model'
import type { ReplicationFacts } from './replication-view.ts'

export interface StepView {
  readonly name: InitiationStep
  readonly status: InitiationStepStatus
}

type Facts = Pick<ReplicationFacts, 'desired' | 'initiation' | 'stagingSeenAt' | 'report'>

/** Nothing to do here: there is no firewall of ours, and the replication software is installed. */
const SKIPPED: readonly InitiationStep[] = [
  'CREATE_SECURITY_GROUP',
  'DOWNLOAD_REPLICATION_SOFTWARE',
]

/**
 * The event that completes each step. The replication server runs beside the service: once it was
 * heard of, it has been launched, has booted and has authenticated (by its certificate). A volume
 * is attached by being created, because the storage daemon serves it from then on.
 */
const DONE: Readonly<Record<InitiationStep, (facts: Facts) => boolean>> = {
  WAIT: ({ initiation }) => initiation.startedAt !== undefined,
  CREATE_SECURITY_GROUP: () => true,
  LAUNCH_REPLICATION_SERVER: ({ stagingSeenAt }) => stagingSeenAt !== null,
  BOOT_REPLICATION_SERVER: ({ stagingSeenAt }) => stagingSeenAt !== null,
  AUTHENTICATE_WITH_SERVICE: ({ stagingSeenAt }) => stagingSeenAt !== null,
  DOWNLOAD_REPLICATION_SOFTWARE: () => true,
  CREATE_STAGING_DISKS: ({ initiation }) => initiation.volumesCreatedAt !== undefined,
  ATTACH_STAGING_DISKS: ({ initiation }) => initiation.volumesCreatedAt !== undefined,
  PAIR_REPLICATION_SERVER_WITH_AGENT: ({ initiation }) => initiation.pairedAt !== undefined,
  CONNECT_AGENT_TO_REPLICATION_SERVER: ({ initiation }) => initiation.connectedAt !== undefined,
  START_DATA_TRANSFER: isInitiated,
}

/** What an agent tells that does not replicate: it starts, or has not heard yet that it is to. */
const IDLE: readonly DataReplicationState[] = ['INITIATING', 'PAUSED', 'STOPPED', 'DISCONNECTED']

/** Data has flowed since replication was initiated, and the agent is not connecting again. */
export function isInitiated({ initiation, report }: Facts): boolean {
  return initiation.dataAt !== undefined && !(report && IDLE.includes(report.state))
}

/**
 * The steps in their order. A later step that is done proves the earlier ones, so that a lost
 * notification leaves no gap. The first open step is IN_PROGRESS, or FAILED when the error is its
 * own.
 */
export function initiationSteps(
  facts: Facts,
  error: DataReplicationErrorCode | undefined,
): readonly StepView[] {
  const failed = INITIATION_STEPS.find((name) => error === `FAILED_TO_${name}`)
  const current = failed ?? firstOpenStep(facts)
  const open = current === undefined ? INITIATION_STEPS.length : INITIATION_STEPS.indexOf(current)
  const active = facts.desired === 'REPLICATING'
  return INITIATION_STEPS.map((name, index) => {
    if (index > open) return { name, status: 'NOT_STARTED' }
    if (index < open) return { name, status: SKIPPED.includes(name) ? 'SKIPPED' : 'SUCCEEDED' }
    if (!active) return { name, status: 'NOT_STARTED' }
    return { name, status: failed === undefined ? 'IN_PROGRESS' : 'FAILED' }
  })
}

function firstOpenStep(facts: Facts): InitiationStep | undefined {
  const lastDone = INITIATION_STEPS.findLastIndex(
    (name) => !SKIPPED.includes(name) && DONE[name](facts),
  )
  const rest = INITIATION_STEPS.slice(lastDone + 1)
  return rest.find((name) => !SKIPPED.includes(name))
}

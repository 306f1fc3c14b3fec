import type { ActionRunsView, ActionRunState, ActionRunView } from '@landfall/model'
import type { Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { InstanceRow } from '../instances/tables.ts'
import type { SsmInvocationRow } from '../ssm/tables.ts'
import { inOrder } from './action-watch.ts'
import { makesImage } from './run-as-image.ts'
import type { ActionRunRow } from './tables.ts'

/** What waits is in progress: who looks for the end must not take it for done. */
const EXECUTION_STATUS: Readonly<Record<ActionRunState, string>> = {
  WAITING: 'IN_PROGRESS',
  RUNNING: 'IN_PROGRESS',
  SUCCEEDED: 'SUCCESS',
  FAILED: 'FAILED',
}

/** MGN's PostLaunchActionsStatus of each of the instances that has actions. */
export async function viewPostLaunchActions(
  db: Kysely<Schema>,
  instanceIDs: readonly string[],
): Promise<ReadonlyMap<string, object>> {
  if (instanceIDs.length === 0) return new Map()
  const runs = await db
    .selectFrom('action_runs')
    .selectAll()
    .where('instance_id', 'in', instanceIDs)
    .execute()
  const known = await db
    .selectFrom('ssm_instances')
    .select(['instance_id', 'registered_at'])
    .where('instance_id', 'in', instanceIDs)
    .execute()
  const discovered = new Map(known.map((row) => [row.instance_id, row.registered_at]))
  const byInstance = Map.groupBy(runs, (run) => run.instance_id)
  return new Map([...byInstance].map(([id, own]) => [id, viewStatus(own, discovered.get(id))]))
}

function viewStatus(runs: readonly ActionRunRow[], discoveredAt: Date | undefined): object {
  return {
    ...(discoveredAt !== undefined && { ssmAgentDiscoveryDatetime: discoveredAt.toISOString() }),
    postLaunchActionsLaunchStatusList: inOrder(runs).map(viewLaunchStatus),
  }
}

/** MGN's JobPostLaunchActionsLaunchStatus. */
function viewLaunchStatus(run: ActionRunRow) {
  const { document, state, failure } = run
  const executionID = run.command_id ?? run.image_id
  const { actionName, documentIdentifier, timeoutSeconds, mustSucceedForCutover } = document
  const { parameters, externalParameters } = document
  return {
    ssmDocument: {
      actionName,
      ssmDocumentName: documentIdentifier,
      timeoutSeconds,
      mustSucceedForCutover,
      parameters,
      externalParameters,
    },
    ssmDocumentType: makesImage(document) ? 'AUTOMATION' : 'COMMAND',
    ...(executionID !== null && { executionID }),
    executionStatus: EXECUTION_STATUS[state],
    ...(failure !== null && { failureReason: failure }),
  }
}

/** The same in our own words, with what the commands wrote. */
export async function viewActionRuns(
  db: Kysely<Schema>,
  instance: InstanceRow,
): Promise<ActionRunsView> {
  const { instance_id: instanceID, source_server_id: sourceServerID, purpose } = instance
  const runs = await db
    .selectFrom('action_runs')
    .selectAll()
    .where('instance_id', '=', instanceID)
    .execute()
  const invocations = await db
    .selectFrom('ssm_invocations')
    .selectAll()
    .where('instance_id', '=', instanceID)
    .execute()
  const steps = new Map(invocations.map((one) => [one.command_id, one.steps]))
  const managed = await db
    .selectFrom('ssm_instances')
    .select('agent_removed_at')
    .where('instance_id', '=', instanceID)
    .executeTakeFirst()
  const removedAt = managed?.agent_removed_at ?? undefined
  return {
    sourceServerID,
    instanceID,
    purpose,
    ...(removedAt !== undefined && { agentRemovedAt: removedAt.toISOString() }),
    runs: inOrder(runs).map((run) => viewRun(run, steps)),
  }
}

function viewRun(
  run: ActionRunRow,
  steps: ReadonlyMap<string, SsmInvocationRow['steps']>,
): ActionRunView {
  const { document, command_id: commandID, failure, started_at, ended_at } = run
  return {
    actionID: run.action_id,
    actionName: document.actionName,
    documentIdentifier: document.documentIdentifier,
    order: document.order,
    mustSucceedForCutover: document.mustSucceedForCutover,
    state: run.state,
    attempt: run.attempt,
    ...(commandID !== null && { commandID }),
    ...(run.image_id !== null && { imageID: run.image_id }),
    ...(failure !== null && { failureReason: failure }),
    ...(started_at !== null && { startedAt: started_at.toISOString() }),
    ...(ended_at !== null && { endedAt: ended_at.toISOString() }),
    steps: steps.get(commandID ?? '') ?? [],
  }
}

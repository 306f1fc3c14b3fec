import type { Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { SourceServerRow } from '../source-servers/tables.ts'
import { inOrder } from './action-watch.ts'
import { activeActions, isOfConfiguration, type PlannedAction } from './planned-actions.ts'
import type { ActionRunRow } from './tables.ts'

export interface UnfinishedAction {
  readonly run: ActionRunRow
  /** As it is now, and not as it was when it was planned. */
  readonly action: PlannedAction
}

/**
 * Actions that have not succeeded on the instance. One that was made inactive, or removed, is none
 * of them: its owner wants it no more.
 */
export async function unfinishedActions(
  db: Kysely<Schema>,
  server: SourceServerRow,
  instanceID: string,
): Promise<UnfinishedAction[]> {
  const rows = await db
    .selectFrom('action_runs')
    .selectAll()
    .where('instance_id', '=', instanceID)
    .where('state', '<>', 'SUCCEEDED')
    .execute()
  if (rows.length === 0) return []
  const active = new Map(
    (await activeActions(db, server)).map((action) => [action.actionID, action]),
  )
  return inOrder(rows).flatMap((run) => {
    const action = active.get(run.action_id)
    return action === undefined ? [] : [{ run, action }]
  })
}

/**
 * Why the cutover cannot be finalised yet, in words that go on about the server; undefined when no
 * action stands in its way.
 */
export async function findBlockingAction(
  db: Kysely<Schema>,
  server: SourceServerRow,
): Promise<string | undefined> {
  const instance = await db
    .selectFrom('instances')
    .select('instance_id')
    .where('instance_id', '=', server.instance_id ?? '')
    .where('purpose', '=', 'CUTOVER')
    .executeTakeFirst()
  if (instance === undefined) return undefined
  const unfinished = await unfinishedActions(db, server, instance.instance_id)
  const [first] = unfinished.filter(({ action }) => action.document.mustSucceedForCutover)
  return first === undefined ? undefined : sentence(server.source_server_id, first)
}

function sentence(serverID: string, { run, action }: UnfinishedAction): string {
  const { instance_id: instanceID, state, failure } = run
  const { actionID, document } = action
  const command = (name: string) => `landfall actions ${name} ${serverID} '${actionID}'`
  const waived = isOfConfiguration(action)
    ? "take it out of the launch configuration's postLaunchActions"
    : `make the action inactive (${command('set')} --inactive)`
  const what =
    `must wait for the post-launch action ${document.actionName}, which has to succeed for ` +
    `the cutover and ${state === 'FAILED' ? 'failed' : 'has not ended'} on instance ${instanceID}`
  if (state !== 'FAILED') return `${what}; try again when it has, or ${waived}`
  return `${what}: ${failure}\nPut that right and run it again (${command('rerun')}), or ${waived}`
}

import type { Kysely, Transaction } from 'kysely'
import type { PostLaunchActions, SsmDocument } from '../configurations/settings.ts'
import type { Schema } from '../database/schema.ts'
import type { InstanceRow } from '../instances/tables.ts'
import type { SourceServerRow } from '../source-servers/tables.ts'
import { ACTION_DEFAULTS } from './put-action.ts'
import type { ActionDocument } from './tables.ts'

export interface PlannedAction {
  readonly actionID: string
  readonly document: ActionDocument
}

/** After the last that MGN's API takes: a launch configuration's documents come at the end. */
const FIRST_ORDER_OF_CONFIGURATION = 10_001

const PURPOSES: Readonly<
  Record<NonNullable<PostLaunchActions['deployment']>, readonly InstanceRow['purpose'][]>
> = {
  TEST_AND_CUTOVER: ['TEST', 'CUTOVER'],
  TEST_ONLY: ['TEST'],
  CUTOVER_ONLY: ['CUTOVER'],
}

/** After which launches the actions run; documents without a deployment are meant for both. */
export function purposesOf({
  deployment,
  ssmDocuments = [],
}: PostLaunchActions): readonly InstanceRow['purpose'][] {
  if (deployment !== undefined) return PURPOSES[deployment]
  return ssmDocuments.length > 0 ? PURPOSES.TEST_AND_CUTOVER : []
}

/** The server's active actions in their order, those of its launch configuration last. */
export async function activeActions(
  db: Kysely<Schema>,
  server: SourceServerRow,
): Promise<PlannedAction[]> {
  const rows = await db
    .selectFrom('actions')
    .selectAll()
    .where('owner_id', '=', server.source_server_id)
    .orderBy('action_order')
    .execute()
  const own = rows.map(({ action_id: actionID, document }) => ({ actionID, document }))
  const { ssmDocuments = [] } = server.launch_configuration.postLaunchActions
  const others = ssmDocuments.map((document, index) => ({
    actionID: configurationActionID(ssmDocuments, index),
    document: configurationAction(document, FIRST_ORDER_OF_CONFIGURATION + index),
  }))
  return [...own, ...others].filter(({ document }) => document.active)
}

/** Whether it belongs to the server's launch configuration, and is changed there. */
export function isOfConfiguration({ document }: PlannedAction): boolean {
  return document.order >= FIRST_ORDER_OF_CONFIGURATION
}

/**
 * Writes down which actions are to run on an instance that is launched now, or that a test instance
 * becomes: what was planned for it already stays as it is.
 */
export async function planActions(
  trx: Transaction<Schema>,
  server: SourceServerRow,
  { instanceID, purpose }: { instanceID: string; purpose: InstanceRow['purpose'] },
): Promise<void> {
  if (!purposesOf(server.launch_configuration.postLaunchActions).includes(purpose)) return
  const actions = await activeActions(trx, server)
  if (actions.length === 0) return
  await trx
    .insertInto('action_runs')
    .values(
      actions.map(({ actionID, document }) => ({
        instance_id: instanceID,
        action_id: actionID,
        document: JSON.stringify(document),
        state: 'WAITING' as const,
      })),
    )
    .onConflict((conflict) => conflict.columns(['instance_id', 'action_id']).doNothing())
    .execute()
}

/**
 * By its name, as its place in the list may change. The last character is one that no ID of MGN's
 * API ends with.
 */
function configurationActionID(documents: readonly SsmDocument[], index: number): string {
  const name = documents[index]?.actionName ?? ''
  const same = documents.slice(0, index).filter((document) => document.actionName === name)
  return `ssmDocuments[${name}${same.length > 0 ? ` ${same.length + 1}` : ''}]`
}

function configurationAction(document: SsmDocument, order: number): ActionDocument {
  const { actionName, ssmDocumentName, ...given } = document
  return { ...ACTION_DEFAULTS, ...given, actionName, documentIdentifier: ssmDocumentName, order }
}

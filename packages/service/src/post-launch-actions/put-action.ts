import { LandfallError } from '@landfall/model'
import type { Transaction } from 'kysely'
import { withChanges } from '../configurations/settings.ts'
import type { Schema } from '../database/schema.ts'
import type { ActionDocument, ActionRow } from './tables.ts'

/** What MGN lists at most of one owner's actions. */
const ACTIONS_MAX = 100

/** The model's SsmDocumentName, as which results show it. */
const DOCUMENT_NAME = /^[A-Za-z0-9/:_.-]{3,172}$/

/** What a caller may leave out. */
export const ACTION_DEFAULTS = {
  documentVersion: '$DEFAULT',
  active: true,
  timeoutSeconds: 3600,
  mustSucceedForCutover: false,
  parameters: {},
  externalParameters: {},
  category: 'OTHER',
} satisfies Partial<ActionDocument>

type Defaulted = Pick<ActionDocument, keyof typeof ACTION_DEFAULTS>
const DEFAULTED = Object.keys(ACTION_DEFAULTS) as (keyof Defaulted)[]

/** An action as callers give it. */
export type GivenAction = Partial<ActionDocument> &
  Pick<ActionDocument, 'actionName' | 'documentIdentifier' | 'order'>

interface Place {
  readonly ownerID: string
  readonly actionID: string
}

/**
 * Makes the action, or puts it in the place of the one with the ID. The owner is locked. `conflict`
 * when the order is another action's; `validation` when there are too many.
 */
export async function putAction(
  trx: Transaction<Schema>,
  { ownerID, actionID }: Place,
  given: GivenAction,
): Promise<ActionRow> {
  const document = documentOf(given)
  checkIdentifier(document)
  await checkPlace(trx, { ownerID, actionID }, document)
  const values = { action_order: document.order, document: JSON.stringify(document) }
  return trx
    .insertInto('actions')
    .values({ owner_id: ownerID, action_id: actionID, ...values })
    .onConflict((conflict) => conflict.columns(['owner_id', 'action_id']).doUpdateSet(values))
    .returningAll()
    .executeTakeFirstOrThrow()
}

function documentOf(input: GivenAction): ActionDocument {
  const { actionName, documentIdentifier, order, description, operatingSystem } = input
  return {
    actionName,
    documentIdentifier,
    order,
    ...withChanges<Defaulted>(ACTION_DEFAULTS, input, DEFAULTED),
    ...(description !== undefined && { description }),
    ...(operatingSystem !== undefined && { operatingSystem }),
  }
}

/** What names no document that could be there would fail at the cutover. */
function checkIdentifier({ documentIdentifier }: ActionDocument) {
  if (DOCUMENT_NAME.test(documentIdentifier)) return
  const message = `${documentIdentifier} cannot be the name of an SSM document, or its ARN`
  const field = { name: 'documentIdentifier', message }
  throw new LandfallError('validation', message, { fields: [field] })
}

async function checkPlace(
  trx: Transaction<Schema>,
  { ownerID, actionID }: Place,
  { order }: ActionDocument,
) {
  const others = await trx
    .selectFrom('actions')
    .select(['action_id', 'action_order'])
    .where('owner_id', '=', ownerID)
    .where('action_id', '<>', actionID)
    .execute()
  const taken = others.find((other) => other.action_order === order)
  if (taken !== undefined) {
    const resourceId = taken.action_id
    throw new LandfallError('conflict', `Action ${resourceId} has order ${order} already`, {
      resource: { resourceId, resourceType: 'Action' },
    })
  }
  if (others.length < ACTIONS_MAX) return
  throw new LandfallError(
    'validation',
    `${ownerID} has ${ACTIONS_MAX} actions, which is the limit; remove one first`,
  )
}

import { LandfallError } from '@landfall/model'
import type { Transaction } from 'kysely'
import { z } from 'zod'
import type { Schema } from '../database/schema.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { CallContext, OperationGroup } from '../http/operation.ts'
import type { SecretBox } from '../identity/secret-box.ts'
import { putParameter } from '../ssm/parameter-operations.ts'
import { readParameterValues, type GivenParameters } from '../ssm/parameter-values.ts'
import { validated } from '../valid-input.ts'
import { lockOwner, ofOwner, ownerOf } from './owners.ts'
import { PREDEFINED_ACTIONS, type PredefinedAction } from './predefined-actions.ts'
import { ACTION_DEFAULTS, putAction } from './put-action.ts'
import type { ActionDocument, StoreParameter } from './tables.ts'

/** How MGN's own clients name what they keep for its actions. */
const STORE_PREFIX = 'ManagedByAWSApplicationMigrationService'

/** The model's limit of values for one parameter of an action. */
const VALUES_MAX = 10

const added = ofOwner.extend({
  name: z.string().max(256),
  parameters: z.record(z.string().max(256), z.array(z.string().max(4096)).min(1)),
  active: z.boolean().exactOptional(),
  mustSucceedForCutover: z.boolean().exactOptional(),
  timeoutSeconds: z.int32().positive().exactOptional(),
})

/** Actions that are there from the start. */
export function predefinedActionOperations({
  db,
  secretBox,
}: OperationDependencies): OperationGroup {
  return {
    landfall: {
      ListPredefinedActions: validated(z.object({}), () =>
        Promise.resolve({ items: PREDEFINED_ACTIONS.map(viewPredefined) }),
      ),

      /** Puts a predefined action, with values for its document's parameters, at its own place. */
      AddPredefinedAction: validated(added, async (input, context) => {
        const action = find(input.name)
        checkValues(action, input.parameters)
        return db.transaction().execute(async (trx) => {
          const { owner, ownerID } = ownerOf(input)
          await lockOwner(trx, owner, ownerID)
          const { externalParameters = {}, document, ...use } = action
          const actionID = document.name
          const place = { ownerID, actionID }
          const stored = await storeValues(trx, { secretBox, place, input, context })
          const { active, mustSucceedForCutover, timeoutSeconds } = input
          const row = await putAction(trx, place, {
            ...use,
            ...(active !== undefined && { active }),
            ...(mustSucceedForCutover !== undefined && { mustSucceedForCutover }),
            ...(timeoutSeconds !== undefined && { timeoutSeconds }),
            documentIdentifier: document.name,
            parameters: stored,
            externalParameters,
            description: document.description,
          })
          return { actionID, ...row.document }
        })
      }),
    },
  }
}

type AddInput = z.infer<typeof added>

function find(name: string): PredefinedAction {
  const action = PREDEFINED_ACTIONS.find(({ document }) => document.name === name)
  if (action !== undefined) return action
  const names = PREDEFINED_ACTIONS.map(({ document }) => document.name).join(', ')
  throw new LandfallError('validation', `There is no predefined action ${name}; there are ${names}`)
}

/** Wrong values are told now, and not at the cutover. */
function checkValues(
  { document, externalParameters = {} }: PredefinedAction,
  given: GivenParameters,
) {
  const known = Object.keys(externalParameters)
  for (const [name, values] of Object.entries(given)) {
    if (!Object.hasOwn(document.parameters, name) || known.includes(name)) {
      const own = Object.keys(document.parameters).filter((one) => !known.includes(one))
      const there = own.length === 0 ? 'it has none' : `it has ${own.join(', ')}`
      throw new LandfallError('validation', `${document.name} has no parameter ${name}; ${there}`)
    }
    if (values.length <= VALUES_MAX) continue
    const message = `${name} has ${values.length} values; ${VALUES_MAX} are possible`
    const fields = [{ name: `parameters.${name}`, message }]
    throw new LandfallError('validation', message, { fields })
  }
  const external = Object.fromEntries(known.map((name) => [name, ['']]))
  readParameterValues(document, { ...given, ...external }, new Map())
}

/** Each value under a name of its own in the parameter store. */
async function storeValues(
  trx: Transaction<Schema>,
  options: {
    readonly secretBox: SecretBox
    readonly place: { readonly ownerID: string; readonly actionID: string }
    readonly input: AddInput
    readonly context: CallContext
  },
): Promise<ActionDocument['parameters']> {
  const { secretBox, place, input, context } = options
  const stored: Record<string, StoreParameter[]> = {}
  for (const [name, values] of Object.entries(input.parameters)) {
    stored[name] = []
    for (const [index, value] of values.entries()) {
      const number = values.length > 1 ? `-${index + 1}` : ''
      const parameterName = `${STORE_PREFIX}-${place.actionID}-${name}-${place.ownerID}${number}`
      const parameter = {
        Name: parameterName,
        Value: value,
        Type: 'String',
        Overwrite: true,
      } as const
      await putParameter(trx, secretBox, parameter, context)
      stored[name].push({ parameterType: 'STRING', parameterName })
    }
  }
  return stored
}

function viewPredefined({
  document,
  actionName,
  order,
  category,
  externalParameters,
}: PredefinedAction) {
  const external = Object.keys(externalParameters ?? {})
  return {
    name: document.name,
    actionName,
    description: document.description,
    order,
    category,
    timeoutSeconds: ACTION_DEFAULTS.timeoutSeconds,
    parameters: Object.entries(document.parameters)
      .filter(([name]) => !external.includes(name))
      .map(([name, { type, description = '', default: value, allowedValues }]) => ({
        name,
        type,
        description,
        ...(value !== undefined && { default: value }),
        ...(allowedValues !== undefined && { allowedValues }),
      })),
  }
}

import { LandfallError } from '@landfall/model'
import type { Dependencies } from '../dependencies.ts'
import type { InstanceRow } from '../instances/tables.ts'
import { prepareCommand, type PreparedCommand } from '../ssm/new-command.ts'
import type { SecretReferences } from '../ssm/parameter-references.ts'
import type { GivenParameters } from '../ssm/parameter-values.ts'
import { dynamicValues, resolvePath } from './dynamic-values.ts'
import type { ActionDocument } from './tables.ts'

export type ActionWorld = Pick<Dependencies, 'db' | 'provider' | 'account' | 'secretBox'>

/**
 * The command that runs an action on an instance: its document as it is now, and the values that
 * its parameters have now. No step may take longer than the action. Throws `LandfallError` for what
 * the action's owner has to put right.
 */
export async function prepareAction(
  world: ActionWorld,
  document: ActionDocument,
  instance: InstanceRow,
): Promise<PreparedCommand> {
  const prepared = await prepareCommand(world.db, {
    name: document.documentIdentifier,
    version: document.documentVersion,
    parameters: await actionParameters(world, document, instance),
    account: world.account,
    secrets: actionSecrets(world, document),
  })
  const steps = prepared.steps.map((step) => ({
    ...step,
    timeoutSeconds: Math.min(step.timeoutSeconds, document.timeoutSeconds),
  }))
  return { ...prepared, steps }
}

/** What the action gives to its document, with references where it stands in the store. */
export async function actionParameters(
  world: ActionWorld,
  document: ActionDocument,
  instance: InstanceRow,
): Promise<GivenParameters> {
  const external = await externalParameters(world, document, instance)
  return { ...storedParameters(document), ...external }
}

/** The secrets that it may refer to. */
export function actionSecrets(
  { secretBox }: Pick<ActionWorld, 'secretBox'>,
  document: ActionDocument,
): SecretReferences {
  return { names: secretNames(document), secretBox }
}

/** References: whoever lists the command sees names, and no secret. */
function storedParameters({ parameters }: ActionDocument): GivenParameters {
  return mapValues(parameters, (list) => list.map((one) => `{{ssm:${one.parameterName}}}`))
}

function secretNames({ parameters }: ActionDocument): ReadonlySet<string> {
  const secrets = Object.values(parameters)
    .flat()
    .filter((one) => one.parameterType === 'SECURE_STRING')
  return new Set(secrets.map((one) => one.parameterName))
}

async function externalParameters(
  { db, provider, account }: ActionWorld,
  { externalParameters: given }: ActionDocument,
  instance: InstanceRow,
): Promise<GivenParameters> {
  if (Object.keys(given).length === 0) return {}
  const values = await dynamicValues({ db, provider, region: account.region }, instance)
  return mapValues(given, ({ dynamicPath }, name) => {
    if (dynamicPath !== undefined) return resolvePath(values, dynamicPath)
    throw new LandfallError('validation', `The external parameter ${name} has no dynamicPath.`)
  })
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  change: (value: From, name: string) => To,
): Record<string, To> {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name, change(value, name)]),
  )
}

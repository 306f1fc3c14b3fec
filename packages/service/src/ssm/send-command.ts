import { randomUUID } from 'node:crypto'
import { LandfallError } from '@landfall/model'
import type { OperationDependencies } from '../dependencies.ts'
import type { CallContext } from '../http/operation.ts'
import { findTargets, type TargetsInput } from './command-targets.ts'
import { managedInstances, takesCommands } from './managed-instances.ts'
import { insertCommand, prepareCommand } from './new-command.ts'
import type { GivenParameters } from './parameter-values.ts'
import { SsmError } from './ssm-error.ts'

export interface SendCommandInput extends TargetsInput {
  readonly DocumentName: string
  readonly DocumentVersion?: string
  readonly DocumentHash?: string
  readonly DocumentHashType?: 'Sha256' | 'Sha1'
  readonly Parameters?: GivenParameters
  readonly TimeoutSeconds?: number
  readonly Comment?: string
  readonly MaxConcurrency?: string
  readonly MaxErrors?: string
}

/** SSM's own. */
export const TIMEOUT_SECONDS_DEFAULT = 3600
export const MAX_CONCURRENCY_DEFAULT = '50'
export const MAX_ERRORS_DEFAULT = '0'

/** Members of the model that would do something that Landfall does not. */
const UNSUPPORTED = [
  'OutputS3BucketName',
  'OutputS3KeyPrefix',
  'OutputS3Region',
  'NotificationConfig',
  'ServiceRoleArn',
  'CloudWatchOutputConfig',
  'AlarmConfiguration',
] as const

type World = Pick<OperationDependencies, 'db' | 'secretBox' | 'timing'>

/** Records the command for every instance that it is meant for. Returns its ID. */
export async function sendCommand(
  world: World,
  input: SendCommandInput,
  context: CallContext,
): Promise<{ readonly commandID: string; readonly instanceIDs: readonly string[] }> {
  refuseUnsupported(input)
  const { db, secretBox, timing } = world
  const prepared = await prepareCommand(db, {
    name: input.DocumentName,
    version: input.DocumentVersion,
    parameters: input.Parameters ?? {},
    account: context,
  })
  checkHash(input, prepared.documentHash)
  const now = context.now()
  const managed = await managedInstances(db)
  const takers = managed.filter((instance) => takesCommands(instance, now, timing))
  const instances = findTargets(input, takers)
  const commandID = randomUUID()
  await db.transaction().execute((trx) =>
    insertCommand(trx, secretBox, {
      ...prepared,
      commandID,
      comment: input.Comment ?? null,
      instanceIDs: input.InstanceIds ?? [],
      targets: input.Targets ?? [],
      instances,
      timeoutSeconds: input.TimeoutSeconds ?? TIMEOUT_SECONDS_DEFAULT,
      maxConcurrency: input.MaxConcurrency ?? MAX_CONCURRENCY_DEFAULT,
      maxErrors: input.MaxErrors ?? MAX_ERRORS_DEFAULT,
      now,
    }),
  )
  return { commandID, instanceIDs: instances.map((instance) => instance.instance_id) }
}

function checkHash(
  { DocumentHash: hash, DocumentHashType: type }: SendCommandInput,
  actual: string,
) {
  if (type === 'Sha1') throw unsupported('DocumentHashType Sha1')
  if (hash === undefined || hash.toLowerCase() === actual) return
  throw new SsmError('InvalidDocument', `The document's hash is ${actual}, and not DocumentHash.`)
}

function refuseUnsupported(input: object) {
  const [asked] = UNSUPPORTED.filter((name) => Object.hasOwn(input, name))
  if (asked !== undefined) throw unsupported(asked)
}

function unsupported(what: string): LandfallError {
  return new LandfallError('validation', `Landfall does not support ${what}; leave it out.`)
}

import { randomUUID } from 'node:crypto'
import { LandfallError, type InstanceStep } from '@landfall/model'
import type { OperationDependencies } from '../dependencies.ts'
import type { CallContext } from '../http/operation.ts'
import { ssmArn } from '../http/ssm-resources.ts'
import { findTargets, type TargetsInput } from './command-targets.ts'
import { readDocument } from './document-content.ts'
import { contentHash, findDocument, findVersion } from './documents.ts'
import { managedInstances, takesCommands, type ManagedInstance } from './managed-instances.ts'
import { readReferences } from './parameter-references.ts'
import { readParameterValues, type GivenParameters } from './parameter-values.ts'
import { renderSteps } from './render-steps.ts'
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
const TIMEOUT_SECONDS_DEFAULT = 3600
const MAX_CONCURRENCY_DEFAULT = '50'
const MAX_ERRORS_DEFAULT = '0'

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
  const { name, version, steps } = await prepare(world, input, context)
  const { db, secretBox, timing } = world
  const now = context.now()
  const managed = await managedInstances(db)
  const takers = managed.filter((instance) => takesCommands(instance, now, timing))
  const instances = findTargets(input, takers)
  const commandID = randomUUID()
  const timeoutSeconds = input.TimeoutSeconds ?? TIMEOUT_SECONDS_DEFAULT
  const deliverBy = new Date(now.getTime() + timeoutSeconds * 1000)
  const runSeconds = steps.reduce((sum, step) => sum + step.timeoutSeconds, 0)
  await db.transaction().execute(async (trx) => {
    await trx
      .insertInto('ssm_commands')
      .values({
        command_id: commandID,
        document_name: name,
        document_version: version,
        comment: input.Comment ?? null,
        sealed_parameters: secretBox.seal(
          JSON.stringify(input.Parameters ?? {}),
          parametersLabel(commandID),
        ),
        sealed_steps: secretBox.seal(JSON.stringify(steps), stepsLabel(commandID)),
        step_names: JSON.stringify(steps.map((step) => step.name)),
        instance_ids: JSON.stringify(input.InstanceIds ?? []),
        targets: JSON.stringify(input.Targets ?? []),
        timeout_seconds: timeoutSeconds,
        max_concurrency: input.MaxConcurrency ?? MAX_CONCURRENCY_DEFAULT,
        max_errors: input.MaxErrors ?? MAX_ERRORS_DEFAULT,
        requested_at: now,
        deliver_by: deliverBy,
        expires_at: new Date(deliverBy.getTime() + runSeconds * 1000),
      })
      .execute()
    if (instances.length === 0) return
    await trx
      .insertInto('ssm_invocations')
      .values(instances.map((instance) => newInvocation(commandID, instance)))
      .execute()
  })
  return { commandID, instanceIDs: instances.map((instance) => instance.instance_id) }
}

/** A parameter of one command, sealed, does not open as another's. */
export const parametersLabel = (commandID: string) => `command parameters ${commandID}`
export const stepsLabel = (commandID: string) => `command steps ${commandID}`

function newInvocation(commandID: string, { instance_id, tags }: ManagedInstance) {
  return {
    command_id: commandID,
    instance_id,
    instance_name: tags['Name'] ?? null,
    status: 'Pending',
    status_details: 'Pending',
    steps: '[]',
  } as const
}

/** What is to be run: the document with its parameters. */
async function prepare(
  { db }: World,
  input: SendCommandInput,
  context: CallContext,
): Promise<{ name: string; version: string; steps: readonly InstanceStep[] }> {
  const document = await findDocument(db, documentName(input.DocumentName, context))
  const { DocumentVersion: wanted, Parameters: given = {} } = input
  const version = await findVersion(db, document, wanted === undefined ? {} : { version: wanted })
  checkHash(input, contentHash(version))
  const content = readDocument(version.content)
  const texts = [version.content, ...Object.values(given).flat()]
  const stored = await readReferences(db, texts)
  const values = readParameterValues(content, given, stored)
  const steps = renderSteps(content, values, stored)
  return { name: document.name, version: String(version.version), steps }
}

/** A document may be named by its ARN, as it is authorised by. */
function documentName(name: string, account: CallContext): string {
  const plain = name.slice(name.lastIndexOf(':document/') + ':document/'.length)
  return name === ssmArn('document', plain, account) ? plain : name
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

import type { InstanceStep } from '@landfall/model'
import type { Kysely, Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { ssmArn } from '../http/ssm-resources.ts'
import type { SecretBox } from '../identity/secret-box.ts'
import type { Account } from '../jobs/views.ts'
import { CREATE_IMAGE } from './create-image-document.ts'
import { readDocument } from './document-content.ts'
import { contentHash, findDocument, findVersion } from './documents.ts'
import { readReferences, type SecretReferences } from './parameter-references.ts'
import { readParameterValues, type GivenParameters } from './parameter-values.ts'
import { renderSteps } from './render-steps.ts'
import { SsmError } from './ssm-error.ts'
import type { CommandTarget } from './tables.ts'

/** What is to be run: a document with its parameters. */
export interface PreparedCommand {
  readonly documentName: string
  readonly documentVersion: string
  /** SSM's hash of the document. */
  readonly documentHash: string
  readonly parameters: GivenParameters
  readonly steps: readonly InstanceStep[]
}

/**
 * Reads the document and puts values into it. `secrets` are the SecureStrings that the parameters
 * may refer to; whoever lists commands sees the references. Throws `SsmError`.
 */
export async function prepareCommand(
  db: Kysely<Schema>,
  input: {
    readonly name: string
    readonly version: string | undefined
    readonly parameters: GivenParameters
    readonly account: Account
    readonly secrets?: SecretReferences
  },
): Promise<PreparedCommand> {
  const { name, version: wanted, parameters, account, secrets } = input
  const document = await findDocument(db, documentName(name, account))
  if (document.name === CREATE_IMAGE.name) {
    const message = `${document.name} is an Automation document: a post-launch action can run it.`
    throw new SsmError('InvalidDocument', message)
  }
  const version = await findVersion(db, document, wanted === undefined ? {} : { version: wanted })
  const content = readDocument(version.content)
  const texts = [version.content, ...Object.values(parameters).flat()]
  const stored = await readReferences(db, texts, secrets)
  const values = readParameterValues(content, parameters, stored)
  return {
    documentName: document.name,
    documentVersion: String(version.version),
    documentHash: contentHash(version),
    parameters,
    steps: renderSteps(content, values, stored),
  }
}

/** A document may be named by its ARN, as it is authorised by. */
function documentName(name: string, account: Account): string {
  const plain = name.slice(name.lastIndexOf(':document/') + ':document/'.length)
  return name === ssmArn('document', plain, account) ? plain : name
}

export interface NewCommand extends PreparedCommand {
  readonly commandID: string
  readonly comment: string | null
  /** Who was asked for, and who is meant. */
  readonly instanceIDs: readonly string[]
  readonly targets: readonly CommandTarget[]
  readonly instances: readonly CommandInstance[]
  /** How long it may wait for an agent to ask. */
  readonly timeoutSeconds: number
  readonly maxConcurrency: string
  readonly maxErrors: string
  readonly now: Date
}

export interface CommandInstance {
  readonly instance_id: string
  readonly tags: Readonly<Record<string, string>>
}

/** Records the command for its instances, whose agents are told once the transaction has ended. */
export async function insertCommand(
  trx: Transaction<Schema>,
  secretBox: SecretBox,
  command: NewCommand,
): Promise<void> {
  const { commandID, steps, instances, now } = command
  const deliverBy = new Date(now.getTime() + command.timeoutSeconds * 1000)
  const runSeconds = steps.reduce((sum, step) => sum + step.timeoutSeconds, 0)
  await trx
    .insertInto('ssm_commands')
    .values({
      command_id: commandID,
      document_name: command.documentName,
      document_version: command.documentVersion,
      comment: command.comment,
      sealed_parameters: secretBox.seal(
        JSON.stringify(command.parameters),
        parametersLabel(commandID),
      ),
      sealed_steps: secretBox.seal(JSON.stringify(steps), stepsLabel(commandID)),
      step_names: JSON.stringify(steps.map((step) => step.name)),
      instance_ids: JSON.stringify(command.instanceIDs),
      targets: JSON.stringify(command.targets),
      timeout_seconds: command.timeoutSeconds,
      max_concurrency: command.maxConcurrency,
      max_errors: command.maxErrors,
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
}

/** A parameter of one command, sealed, does not open as another's. */
export const parametersLabel = (commandID: string) => `command parameters ${commandID}`
export const stepsLabel = (commandID: string) => `command steps ${commandID}`

function newInvocation(commandID: string, { instance_id, tags }: CommandInstance) {
  return {
    command_id: commandID,
    instance_id,
    instance_name: tags['Name'] ?? null,
    status: 'Pending',
    status_details: 'Pending',
    steps: '[]',
  } as const
}

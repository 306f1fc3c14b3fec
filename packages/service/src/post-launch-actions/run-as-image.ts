import { LandfallError, newId } from '@landfall/model'
import type { Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { Dependencies } from '../dependencies.ts'
import { insertImage, moveImage } from '../images/images.ts'
import type { InstanceRow } from '../instances/tables.ts'
import { CREATE_IMAGE, imageName } from '../ssm/create-image-document.ts'
import { findDocument, findVersion } from '../ssm/documents.ts'
import { readReferences } from '../ssm/parameter-references.ts'
import { readParameterValues } from '../ssm/parameter-values.ts'
import type { ActionExecutor, PreparedRun } from './action-executor.ts'
import { failed, type ActionOutcome } from './action-outcome.ts'
import { actionParameters, actionSecrets, type ActionWorld } from './prepare-action.ts'
import type { ActionDocument, ActionRunRow } from './tables.ts'

type World = ActionWorld & Pick<Dependencies, 'now'>

/** Whether the action's document is the one that makes images, by its name or its ARN. */
export function makesImage({ documentIdentifier: document }: ActionDocument): boolean {
  return document === CREATE_IMAGE.name || document.endsWith(`:document/${CREATE_IMAGE.name}`)
}

/** Runs actions that make an image of the instance, for which it needs no agent. */
export class ImageExecutor implements ActionExecutor {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  async hindranceOf(): Promise<undefined> {
    return undefined
  }

  async prepare({ document }: ActionRunRow, instance: InstanceRow): Promise<PreparedRun> {
    await this.#checkParameters(document, instance)
    const imageID = newId('image')
    const now = this.#world.now()
    const image = {
      imageID,
      name: imageName(instance.instance_id, now),
      description: `Post-launch action ${document.actionName}`,
      tags: {},
      now,
    }
    return {
      execution: { command_id: null, image_id: imageID },
      begin: (trx) => insertImage(trx, instance, image),
    }
  }

  async outcomeOf(trx: Transaction<Schema>, run: ActionRunRow): Promise<ActionOutcome | undefined> {
    const image = await trx
      .selectFrom('images')
      .select(['image_id', 'state', 'failure'])
      .where('image_id', '=', run.image_id)
      .executeTakeFirst()
    switch (image?.state) {
      case undefined:
      case 'DEREGISTERED':
        return failed('Its image was deregistered.')
      case 'AVAILABLE':
        return { state: 'SUCCEEDED' }
      case 'FAILED':
        return failed(image.failure ?? '')
      case 'PENDING':
        return this.#giveUpLate(trx, run, image.image_id)
    }
  }

  /** Whoever copies its disks stops when nobody waits for them any more. */
  async #giveUpLate(
    trx: Transaction<Schema>,
    { document: { timeoutSeconds }, started_at: startedAt }: ActionRunRow,
    imageID: string,
  ): Promise<ActionOutcome | undefined> {
    const runsMs = this.#world.now().getTime() - (startedAt?.getTime() ?? 0)
    if (runsMs < timeoutSeconds * 1000) return undefined
    const failure = `It was not available within ${timeoutSeconds} s and was given up.`
    // It may have become available at this moment.
    return (await moveImage(trx, imageID, 'NotCopied', { failure })) ? failed(failure) : undefined
  }

  /** An action is for the instance that was launched, whoever may make images of others. */
  async #checkParameters(document: ActionDocument, instance: InstanceRow): Promise<void> {
    const { db } = this.#world
    const row = await findDocument(db, CREATE_IMAGE.name)
    await findVersion(db, row, { version: document.documentVersion })
    const given = await actionParameters(this.#world, document, instance)
    const secrets = actionSecrets(this.#world, document)
    const stored = await readReferences(db, Object.values(given).flat(), secrets)
    const id = readParameterValues(CREATE_IMAGE, given, stored).get('InstanceId')
    if (id === instance.instance_id) return
    // What it is instead may be a secret.
    const message =
      'InstanceId is not the launched instance, the only one that its actions make an image of. ' +
      'Give it the dynamic path ec2.InstanceId.'
    throw new LandfallError('validation', message)
  }
}

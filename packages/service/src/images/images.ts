import type { ImageDisk } from '@landfall/launch'
import { IMAGE_TRANSITIONS, type ImageEvent } from '@landfall/model'
import type { Kysely, Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { Ec2Error } from '../ec2/ec2-error.ts'
import type { InstanceRow } from '../instances/tables.ts'

/** EC2's. */
const NAME = /^[A-Za-z0-9()[\] ./\-'@_]{3,128}$/

export interface NewImage {
  readonly imageID: string
  readonly name: string
  readonly description?: string
  readonly tags: Readonly<Record<string, string>>
  readonly now: Date
}

/** An image to be made of the instance, which is locked. Throws `Ec2Error`. */
export async function insertImage(
  trx: Transaction<Schema>,
  { instance_id: instanceID, state }: InstanceRow,
  { imageID, name, description, tags, now }: NewImage,
): Promise<void> {
  if (!NAME.test(name)) {
    const allowed = "letters, digits, spaces and ()[]./-'@_"
    const message = `'${name}' cannot be the name of an image: it has 3 to 128 ${allowed}.`
    throw new Ec2Error('InvalidAMIName.Malformed', message)
  }
  if (state === 'PENDING' || state === 'TERMINATED') {
    const message = `The instance '${instanceID}' is ${state.toLowerCase()}.`
    throw new Ec2Error('IncorrectInstanceState', message)
  }
  const inserted = await trx
    .insertInto('images')
    .values({
      image_id: imageID,
      instance_id: instanceID,
      name,
      description: description ?? null,
      state: 'PENDING',
      tags: JSON.stringify(tags),
      created_at: now,
    })
    .onConflict((conflict) =>
      conflict.column('name').where('state', '<>', 'DEREGISTERED').doNothing(),
    )
    .returning('image_id')
    .executeTakeFirst()
  if (inserted !== undefined) return
  const message = `Another image is called '${name}'. Choose another name, or deregister that one.`
  throw new Ec2Error('InvalidAMIName.Duplicate', message)
}

/** What an event tells of its image. */
type Told<Event extends ImageEvent> = Event extends 'Copied'
  ? { readonly disks: readonly ImageDisk[] }
  : Event extends 'NotCopied'
    ? { readonly failure: string }
    : object

/** Moves the image where the event is legal. Returns whether it was. */
export async function moveImage<Event extends ImageEvent>(
  db: Kysely<Schema>,
  imageID: string,
  event: Event,
  told: Told<Event>,
): Promise<boolean> {
  const { from, to } = IMAGE_TRANSITIONS[event]
  const moved = await db
    .updateTable('images')
    .set({
      state: to,
      ...('disks' in told && { disks: JSON.stringify(told.disks) }),
      ...('failure' in told && { failure: told.failure }),
    })
    .where('image_id', '=', imageID)
    .where('state', 'in', from)
    .returning('image_id')
    .executeTakeFirst()
  return moved !== undefined
}

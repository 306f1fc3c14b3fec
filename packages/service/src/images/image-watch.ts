import type { ImageDisk } from '@landfall/launch'
import { errorText } from '@landfall/model'
import { Attempts } from '../background.ts'
import type { Dependencies } from '../dependencies.ts'
import { moveImage } from './images.ts'
import type { ImageRow } from './tables.ts'

type World = Pick<Dependencies, 'db' | 'provider' | 'log'>

/** Each reads and writes as fast as its disks can. */
const COPIES_AT_ONCE_MAX = 4

interface Copy {
  readonly stop: AbortController
  readonly ended: Promise<void>
}

/**
 * Copies the disks of images that wait for it, ends copies that nobody wants any more, and deletes
 * the files of images that were deregistered. Everything is in the database: what a killed service
 * was copying is copied from the start. Disposing ends all copies.
 */
export class ImageWatch implements AsyncDisposable {
  readonly #world: World
  readonly #attempts: Attempts
  readonly #copies = new Map<string, Copy>()

  constructor(world: World) {
    this.#world = world
    this.#attempts = new Attempts(world.log)
  }

  /** Looks at every image that waits for something. What fails is tried at the next look. */
  async look(): Promise<void> {
    await this.#attempts.try('Images were not looked at', async () => {
      await this.#giveUp()
      const rows = await this.#world.db
        .selectFrom('images')
        .selectAll()
        .where('state', 'in', ['PENDING', 'DEREGISTERED'])
        .orderBy('seq')
        .execute()
      this.#stopAllBut(rows.filter(({ state }) => state === 'PENDING'))
      for (const image of rows.filter(({ image_id: id }) => !this.#copies.has(id))) {
        if (image.state === 'DEREGISTERED') await this.#forget(image)
        else if (this.#copies.size < COPIES_AT_ONCE_MAX) this.#begin(image)
      }
    })
  }

  /** Returns once no copy is under way. */
  async settled(): Promise<void> {
    await Promise.all([...this.#copies.values()].map(({ ended }) => ended))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopAllBut([])
    await this.settled()
  }

  /** Of a terminated instance there is nothing to copy any more. */
  async #giveUp(): Promise<void> {
    const { db } = this.#world
    const rows = await db
      .selectFrom('images')
      .innerJoin('instances', 'instances.instance_id', 'images.instance_id')
      .select('image_id')
      .where('images.state', '=', 'PENDING')
      .where('instances.state', '=', 'TERMINATED')
      .execute()
    const failure = 'The instance was terminated.'
    for (const { image_id: id } of rows) await moveImage(db, id, 'NotCopied', { failure })
  }

  #stopAllBut(wanted: readonly ImageRow[]): void {
    const ids = new Set(wanted.map(({ image_id: id }) => id))
    for (const [id, { stop }] of this.#copies) if (!ids.has(id)) stop.abort()
  }

  async #forget({ image_id: id }: ImageRow): Promise<void> {
    await this.#attempts.try(`The files of image ${id} were not deleted`, async () => {
      await this.#world.provider.removeImage(id)
      await this.#world.db.deleteFrom('images').where('image_id', '=', id).execute()
    })
  }

  #begin(image: ImageRow): void {
    const { image_id: id } = image
    const stop = new AbortController()
    const ended = this.#attempts
      .try(`Image ${id} is made anew`, () => this.#copy(image, stop.signal))
      .finally(() => this.#copies.delete(id))
    this.#copies.set(id, { stop, ended })
  }

  async #copy(image: ImageRow, signal: AbortSignal): Promise<void> {
    const { image_id: imageID } = image
    const { db, provider } = this.#world
    const disks = await this.#copyDisks(image, signal)
    if (disks === undefined) return
    // Deregistered or given up in the last moment.
    if (!(await moveImage(db, imageID, 'Copied', { disks }))) await provider.removeImage(imageID)
  }

  /** Undefined when there is no copy: it was stopped, or has failed. */
  async #copyDisks(image: ImageRow, signal: AbortSignal): Promise<ImageDisk[] | undefined> {
    const { image_id: imageID, instance_id: instanceID } = image
    const { db, provider, log } = this.#world
    try {
      return await provider.createImage(instanceID, { imageID, signal })
    } catch (error) {
      if (signal.aborted) return undefined
      const failure = errorText(error)
      log(`Image ${imageID} of instance ${instanceID} could not be made: ${failure}`)
      await moveImage(db, imageID, 'NotCopied', { failure })
      return undefined
    }
  }
}

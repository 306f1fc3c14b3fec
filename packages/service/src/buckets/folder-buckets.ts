import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { mkdir, open, realpath, rename, rm, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { LandfallError } from '@landfall/model'
import type { Buckets, ObjectLocation } from './buckets.ts'

/** An inventory names every server and who reaches it. */
const FILE_MODE = 0o600
const FOLDER_MODE = 0o700

/** Buckets as folders in `root`, whose files are the objects. */
export class FolderBuckets implements Buckets {
  readonly #root: string

  constructor(root: string) {
    this.#root = root
  }

  async open(location: ObjectLocation): Promise<Readable> {
    const file = this.#fileOf(location)
    try {
      await this.#requireInside(path.dirname(file), location)
      const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW)
      if ((await handle.stat()).isFile()) return handle.createReadStream()
      await handle.close()
    } catch (error) {
      if (!isAbsence(error)) throw error
    }
    throw new LandfallError('not_found', `There is no file ${file}: put it there first`, {
      resource: { resourceId: `${location.bucket}/${location.key}`, resourceType: 'S3Object' },
    })
  }

  async put(location: ObjectLocation, content: AsyncIterable<string>): Promise<void> {
    const file = this.#fileOf(location)
    const folder = path.dirname(file)
    await mkdir(folder, { recursive: true, mode: FOLDER_MODE })
    await this.#requireInside(folder, location)
    const temporary = path.join(folder, `.${randomBytes(8).toString('hex')}.part`)
    try {
      const handle = await open(temporary, 'wx', FILE_MODE)
      await writeAll(handle, content)
      await rename(temporary, file)
    } finally {
      await rm(temporary, { force: true })
    }
  }

  /** Throws `validation` for what would be no file of the bucket. */
  #fileOf({ bucket, key }: ObjectLocation): string {
    const parts = [bucket, ...key.split('/')]
    if (parts.every((part) => part !== '' && part !== '.' && part !== '..')) {
      return path.join(this.#root, ...parts)
    }
    throw notInside({ bucket, key })
  }

  /** A link must not lead out of the buckets: who may import may not read every file. */
  async #requireInside(folder: string, location: ObjectLocation): Promise<void> {
    const [inner, root] = [await realpath(folder), await realpath(this.#root)]
    if (!inner.startsWith(`${root}${path.sep}`)) throw notInside(location)
  }
}

function notInside({ bucket, key }: Pick<ObjectLocation, 'bucket' | 'key'>): LandfallError {
  const message = `${bucket}/${key} is no file of a bucket in Landfall's data directory`
  return new LandfallError('validation', message, { fields: [{ name: 's3Key', message }] })
}

async function writeAll(handle: FileHandle, content: AsyncIterable<string>): Promise<void> {
  try {
    for await (const text of content) await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function isAbsence(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP'
}

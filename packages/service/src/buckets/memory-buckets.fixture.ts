import { Readable } from 'node:stream'
import { LandfallError } from '@landfall/model'
import type { Buckets, ObjectLocation } from './buckets.ts'

/** Buckets for tests. */
export class MemoryBuckets implements Buckets {
  /** Contents by `bucket/key`. */
  readonly files = new Map<string, string>()

  async open({ bucket, key }: ObjectLocation): Promise<Readable> {
    const text = this.files.get(`${bucket}/${key}`)
    if (text !== undefined) return Readable.from([Buffer.from(text)])
    throw new LandfallError('not_found', `There is no file ${bucket}/${key}`)
  }

  async put({ bucket, key }: ObjectLocation, file: AsyncIterable<string>): Promise<void> {
    this.files.set(`${bucket}/${key}`, (await Array.fromAsync(file)).join(''))
  }
}

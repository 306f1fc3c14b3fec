import type { Readable } from 'node:stream'

/** Where a file is, in S3's words. */
export interface ObjectLocation {
  readonly bucket: string
  readonly key: string
  /** The account that must own the bucket, where the caller said so. */
  readonly owner: string | null
}

/** A place that keeps files in buckets. Errors name bucket, key and remedy. */
export interface Buckets {
  /** The file's bytes; `not_found` when it is not there. */
  open(location: ObjectLocation, signal: AbortSignal): Promise<Readable>

  /** Keeps the file, whole or not at all, in place of one that was there. */
  put(location: ObjectLocation, file: AsyncIterable<string>, signal: AbortSignal): Promise<void>
}

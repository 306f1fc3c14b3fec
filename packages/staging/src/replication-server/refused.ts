import { errorText, LandfallError } from '@landfall/model'
import type { Refusal, RefusalCode } from '@landfall/wire'
import { StorageError } from '../volumes/storage-error.ts'

/** Ends the session: the peer did what it may not do, or cannot be served any more. */
export class FatalRefusal extends Error {
  readonly refusal: Refusal

  constructor(code: RefusalCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'FatalRefusal'
    this.refusal = { code, message }
  }
}

/** What the peer is told before its connection is closed; undefined when the connection broke. */
export function fatalRefusal(error: unknown): Refusal | undefined {
  if (error instanceof FatalRefusal) return error.refusal
  if (error instanceof LandfallError && error.code === 'validation') {
    return { code: 'bad_frame', message: errorText(error) }
  }
  if (error instanceof StorageError) {
    const message = `The staging volumes are being opened anew: ${errorText(error)}`
    return { code: 'storage_failed', message }
  }
  return undefined
}

/** The answer to one request that failed while the session can go on; undefined when it cannot. */
export function requestRefusal(error: unknown): Refusal | undefined {
  if (error instanceof StorageError && error.kind !== 'lost') {
    return error.kind === 'no_space'
      ? {
          code: 'no_space',
          message: `The staging disk is full (${error.message}). Free space in the staging area's data directory, or enlarge its disk; replication goes on by itself`,
        }
      : { code: 'storage_failed', message: errorText(error) }
  }
  if (!(error instanceof LandfallError)) return undefined
  if (error.code === 'not_found') return { code: 'no_volume', message: errorText(error) }
  if (error.code === 'quota_exceeded') return { code: 'storage_failed', message: errorText(error) }
  return undefined
}

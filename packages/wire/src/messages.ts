import { crc32 } from 'node:zlib'
import { LandfallError } from '@landfall/model'
import type { Frame } from './frame.ts'

/** JSON payload of `hello`. */
export interface Hello {
  readonly protocolVersion: number
  /** Must equal the source server ID in the client certificate. */
  readonly sourceServerID: string
  /**
   * One run of replication over all connections. A hello with a new session ends the older session
   * of the same server: its connections are closed and its writes in progress are waited for before
   * the welcome, so that nothing old is ever written after something new.
   */
  readonly sessionID: string
  /** In the order of their index. */
  readonly disks: readonly { readonly deviceName: string; readonly sizeBytes: number }[]
}

/** JSON payload of `welcome`. */
export interface Welcome {
  readonly disks: readonly {
    readonly deviceName: string
    readonly sizeBytes: number
    /** Nothing was ever written: all zeros, so that zeros need not be sent. */
    readonly pristine: boolean
  }[]
}

/** JSON payload of `hash`. */
export interface HashRequest {
  /** The key of the `KeyedHash`, in base64. */
  readonly key: string
  /** The disk as it was at this point; the live volume without one. */
  readonly pointID?: string
}

/** JSON payload of `refused` and `fatal`. */
export interface Refusal {
  readonly code: RefusalCode
  /** For a person: the cause, the thing and the remedy. */
  readonly message: string
}

export type RefusalCode =
  | 'bad_frame'
  | 'not_admitted'
  | 'out_of_range'
  | 'no_volume'
  | 'no_space'
  | 'storage_failed'
  | 'superseded'
  | 'shutting_down'

/**
 * The JSON payload of a frame; a `validation` error when it does not match its checksum or is not
 * an object in JSON.
 */
export function jsonPayload(of: Frame): Record<string, unknown> {
  if (of.compressed) throw badJson(of, 'is compressed')
  if (crc32(of.payload) !== of.checksum) throw badJson(of, 'does not match its checksum')
  try {
    const value: unknown = JSON.parse(Buffer.from(of.payload).toString('utf8'))
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // Falls through to the one error below.
  }
  throw badJson(of, 'is not JSON')
}

function badJson(of: Frame, what: string): LandfallError {
  return new LandfallError('validation', `Bad replication frame: ${of.type} payload ${what}`)
}

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { LandfallError } from '@landfall/model'
import { writeDurably } from '../durable-file.ts'

const CIPHER = 'aes-256-gcm'
const KEY_BYTES = 32
/** NIST SP 800-38D: 96 bits is GCM's own length; random ones are safe for 2^32 messages. */
const NONCE_BYTES = 12
const TAG_BYTES = 16

/**
 * Encrypts small secrets at rest. `label` says whose it is: under another label it does not open.
 */
export interface SecretBox {
  seal(secret: string, label: string): Buffer
  open(sealed: Buffer, label: string): string
}

/** A box under `key`, 32 bytes. Sealed: nonce, ciphertext, tag. */
export function createSecretBox(key: Uint8Array): SecretBox {
  return {
    seal(secret, label) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv(CIPHER, key, nonce)
      cipher.setAAD(Buffer.from(label))
      return Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()])
    },
    open(sealed, label) {
      const end = sealed.length - TAG_BYTES
      const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      })
      decipher.setAAD(Buffer.from(label))
      decipher.setAuthTag(sealed.subarray(end))
      return decipher.update(sealed.subarray(NONCE_BYTES, end)) + decipher.final('utf8')
    },
  }
}

/**
 * The key in `file`, made when there is none. It outlives the database: never make a second one.
 */
export async function loadMasterKey(file: string): Promise<Uint8Array> {
  const found = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (found === undefined) {
    const key = randomBytes(KEY_BYTES)
    await writeDurably(file, key, { mode: 0o600 })
    return key
  }
  if (found.length === KEY_BYTES) return found
  throw new LandfallError(
    'internal',
    `The master key ${file} is damaged: it has ${found.length} bytes instead of ${KEY_BYTES}. ` +
      'Put it back from a backup; without it no access key works.',
  )
}

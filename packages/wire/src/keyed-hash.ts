import { createCipheriv, randomBytes, type CipherGCM } from 'node:crypto'

export const HASH_KEY_BYTES = 16

/** GMAC's nonce; a key never leaves the two ends and makes no secret, so that one nonce does. */
const NONCE = Buffer.alloc(12)

/** A key nobody knew when what will be hashed was written. */
export function newHashKey(): Buffer {
  return randomBytes(HASH_KEY_BYTES)
}

/**
 * Hash of 16 bytes by which two ends tell whether they hold the same: AES-128-GMAC (NIST SP
 * 800-38D). Whatever two different ranges of 1 MiB hold, fewer than 2^17 of the 2^128 keys of its
 * GHASH give both the same hash, and the end that compares draws the key at random after they were
 * written. It costs a tenth of SHA-256, with which hashing, and no disk, bounded a rescan.
 */
export class KeyedHash {
  readonly #mac: CipherGCM

  constructor(key: Uint8Array) {
    this.#mac = createCipheriv('aes-128-gcm', key, NONCE)
  }

  update(bytes: Uint8Array): this {
    this.#mac.setAAD(bytes)
    return this
  }

  /** Once. */
  digest(): Buffer {
    this.#mac.final()
    return this.#mac.getAuthTag()
  }
}

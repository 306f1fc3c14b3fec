import { createHmac, timingSafeEqual } from 'node:crypto'

/**
 * The token by which an instance proves that it is the one that was converted. Derived from the ID
 * by a secret key, so that nothing that could be stolen is stored, and a job that is continued
 * after a crash gives the same.
 */
export function instanceToken(key: Uint8Array, instanceID: string): string {
  return createHmac('sha256', key).update(`instance ${instanceID}`).digest('base64url')
}

/** Compares in constant time. */
export function isInstanceToken(key: Uint8Array, instanceID: string, token: string): boolean {
  const expected = Buffer.from(instanceToken(key, instanceID))
  const given = Buffer.from(token)
  return given.length === expected.length && timingSafeEqual(given, expected)
}

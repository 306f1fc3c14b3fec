import { createHmac, timingSafeEqual } from 'node:crypto'
import { LandfallError } from '@landfall/model'

/**
 * The token by which an instance proves that it is the one that was converted. Derived from the ID
 * by a secret key, so that nothing that could be stolen is stored, and a job that is continued
 * after a crash gives the same.
 */
export function instanceToken(key: Uint8Array, instanceID: string): string {
  return createHmac('sha256', key).update(`instance ${instanceID}`).digest('base64url')
}

/** Only the instance itself may go on. Compares in constant time. */
export function requireToken(
  key: Uint8Array,
  proof: { readonly instanceID: string; readonly token: string },
): void {
  const expected = Buffer.from(instanceToken(key, proof.instanceID))
  const given = Buffer.from(proof.token)
  if (given.length === expected.length && timingSafeEqual(given, expected)) return
  throw new LandfallError('access_denied', 'The token is not the one of this instance')
}

import { createHash, timingSafeEqual } from 'node:crypto'
import { LandfallError } from '@landfall/model'
import { z } from 'zod'
import type { Database } from '../database/database.ts'
import { findSigningKey, keyUsed } from '../identity/access-keys.ts'
import type { SecretBox } from '../identity/secret-box.ts'
import { isPasswordOf, PASSWORD_CHARACTERS_MAX } from '../identity/passwords.ts'
import { findUser, type User } from '../identity/users.ts'
import type { FailureLimit } from './failure-limit.ts'

const text = z.string().min(1).max(PASSWORD_CHARACTERS_MAX)

/** What somebody signs in with. */
export const credentialsSchema = z.union([
  z.strictObject({ accessKeyId: text, secretAccessKey: text }),
  z.strictObject({ userName: text, password: text }),
])

export type SignInCredentials = z.infer<typeof credentialsSchema>

/** Who they say they are. */
export function nameOf(credentials: SignInCredentials): string {
  return 'userName' in credentials ? credentials.userName : credentials.accessKeyId
}

export interface SignInWorld {
  readonly db: Database
  readonly secretBox: SecretBox
  readonly region: string
  readonly limit: FailureLimit
}

/**
 * Whose credentials they are. Throws `access_denied`, which does not say what of them is wrong, and
 * `throttled` after several wrong ones for the same user or from the same address.
 */
export async function signIn(
  { db, secretBox, region, limit }: SignInWorld,
  { credentials, address, now }: { credentials: SignInCredentials; address: string; now: Date },
): Promise<{ readonly user: User; readonly accessKeyId?: string }> {
  const subjects = [`name ${nameOf(credentials).toLowerCase()}`, `address ${address}`]
  limit.check(subjects, now)
  const found =
    'userName' in credentials
      ? await byPassword(db, credentials)
      : await byKey({ db, secretBox, region }, credentials, now)
  if (found !== undefined) return found
  limit.failed(subjects, now)
  const what = 'userName' in credentials ? 'User name or password' : 'Access key ID or secret'
  throw new LandfallError('access_denied', `${what} is wrong, or the access key is not active.`)
}

async function byPassword(
  db: Database,
  { userName, password }: { userName: string; password: string },
) {
  const user = await findUser(db, userName)
  const isRight = await isPasswordOf(db, user, password)
  return isRight && user !== undefined ? { user } : undefined
}

async function byKey(
  { db, secretBox, region }: Omit<SignInWorld, 'limit'>,
  { accessKeyId, secretAccessKey }: { accessKeyId: string; secretAccessKey: string },
  now: Date,
) {
  const key = await findSigningKey(db, secretBox, accessKeyId)
  if (key === undefined || !isEqual(key.secretAccessKey, secretAccessKey)) return undefined
  if (key.status !== 'Active') return undefined
  await keyUsed(db, key, { service: 'signin', region, now })
  return { user: key.user, accessKeyId }
}

/** In a time that says nothing of how much of it is right. */
function isEqual(left: string, right: string): boolean {
  const hash = (value: string) => createHash('sha256').update(value).digest()
  return timingSafeEqual(hash(left), hash(right))
}

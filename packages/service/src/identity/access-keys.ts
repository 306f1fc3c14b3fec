import { randomBytes } from 'node:crypto'
import { LandfallError } from '@landfall/model'
import type { Database } from '../database/database.ts'
import type { SecretBox } from './secret-box.ts'
import { randomIdentifier, type User } from './users.ts'

/** IAM's quota. */
const KEYS_PER_USER_MAX = 2

/** 30 random bytes are 40 characters of base 64: the length of AWS's own. */
const SECRET_BYTES = 30

export type KeyStatus = 'Active' | 'Inactive'

export interface AccessKey {
  readonly accessKeyId: string
  readonly status: KeyStatus
  readonly createdAt: Date
}

/** What the signature check needs of a key. */
export interface SigningKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly status: KeyStatus
  readonly lastUsedAt: Date | null
  readonly user: User
}

/** Throws `quota_exceeded` at the third key of a user. The secret is shown here and never again. */
export async function createAccessKey(
  db: Database,
  box: SecretBox,
  options: { user: User; now: Date },
): Promise<AccessKey & { secretAccessKey: string }> {
  const accessKeyId = randomIdentifier('AKIA', 16)
  const secretAccessKey = randomBytes(SECRET_BYTES).toString('base64')
  await db.transaction().execute(async (trx) => {
    // Holds the user, so that two calls at once do not both see room for one more.
    await trx
      .selectFrom('users')
      .select('user_id')
      .where('user_id', '=', options.user.user_id)
      .forUpdate()
      .executeTakeFirstOrThrow()
    const keys = await trx
      .selectFrom('access_keys')
      .select('access_key_id')
      .where('user_id', '=', options.user.user_id)
      .execute()
    if (keys.length >= KEYS_PER_USER_MAX) {
      throw new LandfallError(
        'quota_exceeded',
        `Cannot exceed quota for AccessKeysPerUser: ${KEYS_PER_USER_MAX}`,
        { quota: { code: 'AccessKeysPerUser', value: KEYS_PER_USER_MAX } },
      )
    }
    await trx
      .insertInto('access_keys')
      .values({
        access_key_id: accessKeyId,
        user_id: options.user.user_id,
        encrypted_secret: box.seal(secretAccessKey, accessKeyId),
        created_at: options.now,
      })
      .execute()
  })
  return { accessKeyId, secretAccessKey, status: 'Active', createdAt: options.now }
}

export async function listAccessKeys(db: Database, user: User): Promise<AccessKey[]> {
  const rows = await db
    .selectFrom('access_keys')
    .select(['access_key_id', 'status', 'created_at'])
    .where('user_id', '=', user.user_id)
    .orderBy('created_at')
    .execute()
  return rows.map((row) => ({
    accessKeyId: row.access_key_id,
    status: row.status,
    createdAt: row.created_at,
  }))
}

/** Throws `not_found` when the user has no such key. */
export async function setAccessKeyStatus(
  db: Database,
  options: { user: User; accessKeyId: string; status: KeyStatus },
): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable('access_keys')
    .set({ status: options.status })
    .where('user_id', '=', options.user.user_id)
    .where('access_key_id', '=', options.accessKeyId)
    .executeTakeFirst()
  if (numUpdatedRows === 0n) throw noSuchKey(options.accessKeyId)
}

/** Throws `not_found` when the user has no such key. */
export async function deleteAccessKey(
  db: Database,
  options: { user: User; accessKeyId: string },
): Promise<void> {
  const { numDeletedRows } = await db
    .deleteFrom('access_keys')
    .where('user_id', '=', options.user.user_id)
    .where('access_key_id', '=', options.accessKeyId)
    .executeTakeFirst()
  if (numDeletedRows === 0n) throw noSuchKey(options.accessKeyId)
}

/** How exactly the last use of a key is known: each key is written at most so often for it. */
const LAST_USED_MS = 60_000

/** Remembers for what the key was used, unless it was used a moment ago. */
export async function keyUsed(
  db: Database,
  { accessKeyId, lastUsedAt }: Pick<SigningKey, 'accessKeyId' | 'lastUsedAt'>,
  use: { readonly service: string; readonly region: string; readonly now: Date },
): Promise<void> {
  if (lastUsedAt !== null && use.now.getTime() - lastUsedAt.getTime() < LAST_USED_MS) return
  await db
    .updateTable('access_keys')
    .set({
      last_used_at: use.now,
      last_used_service: use.service,
      last_used_region: use.region,
    })
    .where('access_key_id', '=', accessKeyId)
    .execute()
}

/** Throws `not_found` when nobody has such a key. */
export async function keyLastUsed(db: Database, accessKeyId: string) {
  const row = await db
    .selectFrom('access_keys')
    .innerJoin('users', 'users.user_id', 'access_keys.user_id')
    .select(['user_name', 'last_used_at', 'last_used_service', 'last_used_region'])
    .where('access_key_id', '=', accessKeyId)
    .executeTakeFirst()
  if (row === undefined) throw noSuchKey(accessKeyId)
  return row
}

/** The key with its secret and its user, or undefined when there is none of that ID. */
export async function findSigningKey(
  db: Database,
  box: SecretBox,
  accessKeyId: string,
): Promise<SigningKey | undefined> {
  const row = await db
    .selectFrom('access_keys')
    .innerJoin('users', 'users.user_id', 'access_keys.user_id')
    .selectAll('users')
    .select(['access_keys.encrypted_secret', 'access_keys.status', 'access_keys.last_used_at'])
    .where('access_keys.access_key_id', '=', accessKeyId)
    .executeTakeFirst()
  if (row === undefined) return undefined
  const { encrypted_secret, status, last_used_at: lastUsedAt, ...user } = row
  const secretAccessKey = box.open(encrypted_secret, accessKeyId)
  return { accessKeyId, secretAccessKey, status, lastUsedAt, user }
}

function noSuchKey(accessKeyId: string): LandfallError {
  return new LandfallError('not_found', `The Access Key with id ${accessKeyId} cannot be found.`)
}

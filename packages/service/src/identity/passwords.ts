import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { LandfallError } from '@landfall/model'
import type { Database } from '../database/database.ts'
import type { User } from './users.ts'

const derive = promisify<string, Buffer, number, typeof COST, Buffer>(scrypt)

/** OWASP's cheatsheet for scrypt: 2^15 with three at once; 32 MiB each, a tenth of a second. */
const COST = { N: 2 ** 15, r: 8, p: 3, maxmem: 64 * 1024 * 1024 }
const HASH_BYTES = 32
const SALT_BYTES = 16

/** NIST SP 800-63B asks for eight where nothing else is; a console that moves servers asks more. */
export const PASSWORD_CHARACTERS_MIN = 12
/** More than anybody types; what is hashed is bounded. */
export const PASSWORD_CHARACTERS_MAX = 256

/** Sets the password that the user signs in to the console with. */
export async function setPassword(
  db: Database,
  { user, password, now }: { user: User; password: string; now: Date },
): Promise<void> {
  const salt = randomBytes(SALT_BYTES)
  const hash = `scrypt$${salt.toString('base64')}$${(await hashOf(password, salt)).toString('base64')}`
  const row = { hash, changed_at: now }
  await db
    .insertInto('user_passwords')
    .values({ user_id: user.user_id, ...row })
    .onConflict((conflict) => conflict.column('user_id').doUpdateSet(row))
    .execute()
}

/** Undefined when the user has none. */
export async function passwordChangedAt(db: Database, user: User): Promise<Date | undefined> {
  const row = await db
    .selectFrom('user_passwords')
    .select('changed_at')
    .where('user_id', '=', user.user_id)
    .executeTakeFirst()
  return row?.changed_at
}

/** Throws `not_found` when the user has none. */
export async function removePassword(db: Database, user: User): Promise<void> {
  const { numDeletedRows } = await db
    .deleteFrom('user_passwords')
    .where('user_id', '=', user.user_id)
    .executeTakeFirst()
  if (numDeletedRows > 0n) return
  throw new LandfallError('not_found', `User ${user.user_name} has no password.`)
}

/** Whether it is the user's; as long for whoever has none, or does not exist. */
export async function isPasswordOf(
  db: Database,
  user: User | undefined,
  password: string,
): Promise<boolean> {
  const row =
    user === undefined
      ? undefined
      : await db
          .selectFrom('user_passwords')
          .select('hash')
          .where('user_id', '=', user.user_id)
          .executeTakeFirst()
  const [, salt = '', hash = ''] = (row?.hash ?? '').split('$')
  const given = await hashOf(password, Buffer.from(salt, 'base64'))
  const expected = Buffer.from(hash, 'base64')
  return expected.length === given.length && timingSafeEqual(expected, given)
}

/** Of the text as Unicode composes it: the same password from every keyboard. */
function hashOf(password: string, salt: Buffer): Promise<Buffer> {
  return derive(password.normalize('NFKC'), salt, HASH_BYTES, COST)
}

import { randomInt } from 'node:crypto'
import { LandfallError } from '@landfall/model'
import type { Selectable } from 'kysely'
import { sql } from 'kysely'
import type { Database } from '../database/database.ts'
import type { UsersTable } from './tables.ts'

export type User = Selectable<UsersTable>

/** PostgreSQL's code for a unique index that holds the value already. */
const UNIQUE_VIOLATION = '23505'

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** A random ID in IAM's form: four letters that say what it is, then upper-case base 32. */
export function randomIdentifier(
  prefix: 'AIDA' | 'AKIA' | 'ANPA' | 'ASIA',
  length: number,
): string {
  return prefix + Array.from({ length }, () => BASE32[randomInt(BASE32.length)]).join('')
}

export function userArn(accountID: string, user: Pick<User, 'path' | 'user_name'>): string {
  return `arn:aws:iam::${accountID}:user${user.path}${user.user_name}`
}

/** Throws `conflict` when the name is taken, in whatever case. */
export async function createUser(
  db: Database,
  options: { userName: string; path?: string; now: Date },
): Promise<User> {
  const user: User = {
    user_id: randomIdentifier('AIDA', 17),
    user_name: options.userName,
    path: options.path ?? '/',
    created_at: options.now,
  }
  try {
    await db.insertInto('users').values(user).execute()
  } catch (error) {
    if ((error as { code?: unknown }).code !== UNIQUE_VIOLATION) throw error
    throw nameTaken(options.userName)
  }
  return user
}

/** Names are compared without regard to case, as IAM does. Throws `not_found`. */
export async function getUser(db: Database, userName: string): Promise<User> {
  const user = await findUser(db, userName)
  if (user !== undefined) return user
  throw new LandfallError('not_found', `The user with name ${userName} cannot be found.`)
}

export async function findUser(db: Database, userName: string): Promise<User | undefined> {
  return await db
    .selectFrom('users')
    .selectAll()
    .where(sql`lower(user_name)`, '=', userName.toLowerCase())
    .executeTakeFirst()
}

/** The users under the path, in no order. */
export async function listUsers(db: Database, pathPrefix: string): Promise<User[]> {
  return await db
    .selectFrom('users')
    .selectAll()
    .where(sql<boolean>`starts_with(path, ${pathPrefix})`)
    .execute()
}

/** The user with that ARN. Throws `not_found`. */
export async function userOfArn(db: Database, accountID: string, arn: string): Promise<User> {
  const user = await findUser(db, arn.slice(arn.lastIndexOf('/') + 1))
  if (user !== undefined && userArn(accountID, user) === arn) return user
  throw new LandfallError('not_found', `There is no user ${arn}.`)
}

export async function userOfID(db: Database, userID: string): Promise<User | undefined> {
  return await db.selectFrom('users').selectAll().where('user_id', '=', userID).executeTakeFirst()
}

/** Throws `conflict` when the new name is another user's. */
export async function updateUser(
  db: Database,
  user: User,
  change: { readonly userName?: string; readonly path?: string },
): Promise<void> {
  const { userName = user.user_name, path = user.path } = change
  const other = await findUser(db, userName)
  if (other !== undefined && other.user_id !== user.user_id) throw nameTaken(userName)
  await db
    .updateTable('users')
    .set({ user_name: userName, path })
    .where('user_id', '=', user.user_id)
    .execute()
}

/** Throws `conflict` while the user has access keys or policies, as IAM does. */
export async function deleteUser(db: Database, userName: string): Promise<void> {
  const user = await getUser(db, userName)
  for (const [table, what] of [
    ['access_keys', 'access keys'],
    ['user_policies', 'policies'],
    ['inline_policies', 'inline policies'],
  ] as const) {
    const row = await db
      .selectFrom(table)
      .select('user_id')
      .where('user_id', '=', user.user_id)
      .executeTakeFirst()
    if (row === undefined) continue
    throw new LandfallError('conflict', `Cannot delete entity, must remove ${what} first.`)
  }
  await db.deleteFrom('users').where('user_id', '=', user.user_id).execute()
}

function nameTaken(userName: string): LandfallError {
  return new LandfallError('conflict', `User with name ${userName} already exists.`)
}

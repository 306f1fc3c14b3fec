import { createHash, randomBytes } from 'node:crypto'
import type { Database } from '../database/database.ts'
import type { User } from '../identity/users.ts'

/** A working day: nobody is signed out in the middle of a cutover's night. */
export const SESSION_MS_MAX = 12 * 60 * 60 * 1000
/** A browser that nobody sits at asks for nothing; a page that is open asks every few seconds. */
const IDLE_MS_MAX = 60 * 60 * 1000

const TOKEN_BYTES = 32

/** How exactly the last use is known: so often it is written at most. */
const LAST_USED_MS = 60_000

export interface SignedIn {
  readonly user: User
  /** What was signed in with; absent: a password. */
  readonly accessKeyId?: string
  readonly expiresAt: Date
}

/** Opens one, whose token is shown here and never again. Those that have ended are forgotten. */
export async function openConsoleSession(
  db: Database,
  { user, accessKeyId, now }: { user: User; accessKeyId?: string; now: Date },
): Promise<{ readonly token: string; readonly expiresAt: Date }> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  await db
    .deleteFrom('console_sessions')
    .where((where) =>
      where.or([
        where('created_at', '<=', new Date(now.getTime() - SESSION_MS_MAX)),
        where('last_used_at', '<=', new Date(now.getTime() - IDLE_MS_MAX)),
      ]),
    )
    .execute()
  await db
    .insertInto('console_sessions')
    .values({
      token_hash: hashOf(token),
      user_id: user.user_id,
      access_key_id: accessKeyId ?? null,
      created_at: now,
      last_used_at: now,
    })
    .execute()
  return { token, expiresAt: new Date(now.getTime() + SESSION_MS_MAX) }
}

/** Whose session it is; undefined when it has ended, or its access key is not active any more. */
export async function findConsoleSession(
  db: Database,
  token: string,
  now: Date,
): Promise<SignedIn | undefined> {
  const row = await db
    .selectFrom('console_sessions as session')
    .innerJoin('users', 'users.user_id', 'session.user_id')
    .leftJoin('access_keys as key', 'key.access_key_id', 'session.access_key_id')
    .selectAll('users')
    .select(['session.access_key_id', 'session.last_used_at', 'key.status'])
    .select('session.created_at as opened_at')
    .where('token_hash', '=', hashOf(token))
    .executeTakeFirst()
  if (row === undefined) return undefined
  const { access_key_id, last_used_at: lastUsedAt, status, opened_at: openedAt, ...user } = row
  const expiresAt = new Date(openedAt.getTime() + SESSION_MS_MAX)
  const idleMs = now.getTime() - lastUsedAt.getTime()
  if (expiresAt <= now || idleMs >= IDLE_MS_MAX || status === 'Inactive') return undefined
  if (idleMs >= LAST_USED_MS) await sessionUsed(db, token, now)
  return { user, expiresAt, ...(access_key_id !== null && { accessKeyId: access_key_id }) }
}

export async function closeConsoleSession(db: Database, token: string): Promise<void> {
  await db.deleteFrom('console_sessions').where('token_hash', '=', hashOf(token)).execute()
}

async function sessionUsed(db: Database, token: string, now: Date): Promise<void> {
  await db
    .updateTable('console_sessions')
    .set({ last_used_at: now })
    .where('token_hash', '=', hashOf(token))
    .execute()
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

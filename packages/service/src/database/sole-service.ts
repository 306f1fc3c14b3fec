import { setTimeout as sleep } from 'node:timers/promises'
import { LandfallError } from '@landfall/model'
import pg from 'pg'

/** Any number, the same in every version: PostgreSQL's advisory locks have no names. */
const LOCK_KEY = 7_263_540_812

/**
 * PostgreSQL notices within moments that a killed service is gone; a loaded machine takes longer.
 */
const WAIT_MS = 5_000
const RETRY_MS = 200

/**
 * Makes this process the only service that starts with the database, until it is disposed or ends:
 * two that run the same jobs would do each step twice. Throws `conflict` when there is another.
 */
export async function becomeSoleService(connectionString: string): Promise<AsyncDisposable> {
  const client = new pg.Client({ connectionString })
  // When the server ends, so do all services' locks; the next start takes it anew.
  client.on('error', () => {})
  await client.connect()
  const end = () => client.end()
  try {
    const deadline = performance.now() + WAIT_MS
    while (!(await tryLock(client))) {
      if (performance.now() > deadline) {
        throw new LandfallError(
          'conflict',
          'Another service runs with this database. Stop it first (`landfall down`).',
        )
      }
      await sleep(RETRY_MS)
    }
  } catch (error) {
    await end()
    throw error
  }
  return { [Symbol.asyncDispose]: end }
}

async function tryLock(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>(
    'select pg_try_advisory_lock($1) as taken',
    [LOCK_KEY],
  )
  return rows[0]?.taken === true
}

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startCluster } from '@landfall/service'
import type { DataPaths } from '../installation/data-directory.ts'
import type { SystemUser } from '../installation/system-user.ts'
import { Backoff } from './backoff.ts'

export interface DatabaseOptions {
  readonly paths: DataPaths
  readonly user: SystemUser
  readonly log: (message: string) => void
}

/**
 * Starts the private PostgreSQL cluster, or takes over the running one, and returns once it
 * answers. `ended` settles when `signal` was aborted and it is stopped; it rejects when it keeps
 * ending.
 */
export async function keepDatabaseRunning(
  options: DatabaseOptions,
  signal: AbortSignal,
): Promise<{ readonly ended: Promise<void> }> {
  const start = () => startDatabase(options, signal)
  let cluster = await start()
  if (cluster.adopted) options.log('PostgreSQL runs already: taken over.')
  const watch = async () => {
    const backoff = new Backoff()
    const aborted = untilAborted(signal)
    while (!signal.aborted) {
      const startedAt = Date.now()
      await Promise.race([cluster.ended, aborted])
      if (signal.aborted) break
      const waitMs = backoff.crashed(Date.now() - startedAt)
      if (waitMs === undefined) {
        throw new Error(`PostgreSQL keeps ending. Its messages are in ${logFileOf(options.paths)}.`)
      }
      options.log(`PostgreSQL ended by itself; starting it again in ${waitMs} ms.`)
      await sleep(waitMs)
      cluster = await start()
    }
    await cluster.stop()
  }
  return { ended: watch() }
}

/** Where the database's socket is: the service looks for it there. */
export function databaseSocketDir(paths: DataPaths): string {
  return join(paths.run, 'postgres')
}

/** The cluster as it runs, or newly started. */
export async function startDatabase({ paths, user }: DatabaseOptions, signal?: AbortSignal) {
  return await startCluster({
    dataDir: paths.postgres,
    socketDir: databaseSocketDir(paths),
    logFile: logFileOf(paths),
    uid: user.uid,
    gid: user.gid,
    ...(signal === undefined ? {} : { signal }),
  })
}

function logFileOf(paths: DataPaths): string {
  return join(paths.logs, 'postgres.log')
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

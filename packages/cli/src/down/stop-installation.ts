import { access } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { LandfallError } from '@landfall/model'
import type { CommandContext } from '../commands/context.ts'
import { type DataPaths, pathsOf } from '../installation/data-directory.ts'
import { ensureSystemUser } from '../installation/system-user.ts'
import { startDatabase } from '../supervisor/keep-database-running.ts'
import { databaseRuns, endLeftovers } from '../supervisor/leftovers.ts'
import { isLock, takeLock } from '../supervisor/lock.ts'
import { isRunning } from '../supervisor/process-identity.ts'
import { leaveLibvirt } from '../supervisor/shared-libvirt.ts'

/** The sum of what the programs have for a clean end, and some. */
const DOWN_DEADLINE_MS = 120_000
const POLL_MS = 100

/**
 * Stops the installation in `dataDir`, also one whose supervisor was killed. Returns whether
 * anything of it was running; only its own processes are touched.
 */
export async function stopInstallation(
  dataDir: string,
  { output, signal }: CommandContext,
): Promise<boolean> {
  const paths = pathsOf(dataDir)
  if (!(await exists(paths.run))) return false
  if (process.getuid?.() !== 0) {
    throw new LandfallError('access_denied', '`landfall down` needs root: run it with sudo.')
  }
  const asked = await stopSupervisor(paths, signal)
  const taken = await takeLock(paths.lock)
  if (!isLock(taken)) {
    throw new LandfallError('conflict', `${dataDir} was started again while it was being stopped.`)
  }
  using _lock = taken
  const left = await stopLeftovers(paths, (message) => output.note(message))
  return asked || left
}

/** Asks the supervisor to stop and waits for its end; false when there is none. */
async function stopSupervisor(paths: DataPaths, signal: AbortSignal): Promise<boolean> {
  const taken = await takeLock(paths.lock)
  if (isLock(taken)) {
    taken.release()
    return false
  }
  const holder = taken.heldBy
  if (holder === undefined || !(await isRunning(holder))) {
    throw new LandfallError(
      'conflict',
      `${paths.lock} is held by a process that has not said which: try again in a moment.`,
    )
  }
  process.kill(holder.pid, 'SIGTERM')
  const deadline = Date.now() + DOWN_DEADLINE_MS
  while (await isRunning(holder)) {
    if (Date.now() > deadline) {
      throw new LandfallError(
        'unavailable',
        `Process ${holder.pid} is still stopping after ${DOWN_DEADLINE_MS / 1000} s. ` +
          `See ${paths.logs}/up.log, then run this command again.`,
      )
    }
    await sleep(POLL_MS, undefined, { signal })
  }
  return true
}

async function stopLeftovers(paths: DataPaths, log: (message: string) => void): Promise<boolean> {
  let found = await endLeftovers(paths, log)
  if (await databaseRuns(paths)) {
    found = true
    const database = await startDatabase({ paths, user: await ensureSystemUser(log), log })
    await database.stop()
  }
  await leaveLibvirt(paths)
  return found
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}

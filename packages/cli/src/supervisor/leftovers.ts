import { join } from 'node:path'
import { readFile, readlink, realpath } from 'node:fs/promises'
import type { DataPaths } from '../installation/data-directory.ts'
import { readJsonFile } from '../installation/json-file.ts'
import { endProcess } from './end-process.ts'
import { type ProcessIdentity, isRunning } from './process-identity.ts'

/** What a program gets for a clean end when its supervisor is no longer there to wait for it. */
const GRACE_MS = 20_000

/** Programs whose supervisor was killed: in the order in which they are ended. */
const PID_FILES = ['staging.pid', 'service.pid']

/**
 * Ends what a killed supervisor left running, and nothing else: each process is recognised by its
 * ID and start time. The database stays: it is taken over. Returns whether there was anything.
 */
export async function endLeftovers(
  paths: DataPaths,
  log: (message: string) => void,
): Promise<boolean> {
  let found = false
  for (const name of PID_FILES) {
    const identity = (await readJsonFile(join(paths.run, name))) as ProcessIdentity | undefined
    if (identity === undefined || !(await isRunning(identity))) continue
    found = true
    log(`Ending process ${identity.pid}, left running by an earlier start (${name}).`)
    await endProcess(identity, GRACE_MS)
  }
  return found
}

/** Whether the installation's PostgreSQL runs: its process works in its data directory. */
export async function databaseRuns(paths: DataPaths): Promise<boolean> {
  const text = await readFile(join(paths.postgres, 'postmaster.pid'), 'utf8').catch(() => '')
  const pid = Number(text.split('\n')[0])
  if (!Number.isInteger(pid) || pid <= 1) return false
  const folder = await readlink(`/proc/${pid}/cwd`).catch(() => '')
  return folder === (await realpath(paths.postgres))
}

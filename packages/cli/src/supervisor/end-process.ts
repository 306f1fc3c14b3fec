import { setTimeout as sleep } from 'node:timers/promises'
import { type ProcessIdentity, isRunning } from './process-identity.ts'

const POLL_MS = 50

/**
 * Ends exactly that process: SIGTERM, and SIGKILL when it is still there after `graceMs`. Returns
 * once it is gone; at once when it already is.
 */
export async function endProcess(process_: ProcessIdentity, graceMs: number): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const deadline = Date.now() + graceMs
    if (!(await isRunning(process_))) return
    process.kill(process_.pid, signal)
    while (await isRunning(process_)) {
      if (Date.now() > deadline) break
      await sleep(POLL_MS)
    }
  }
  if (await isRunning(process_)) throw new Error(`Process ${process_.pid} cannot be ended`)
}

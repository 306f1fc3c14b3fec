import { spawnSync } from 'node:child_process'
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ProcessIdentity, identifyProcess } from './process-identity.ts'

/** An installation is run by one process at a time: the one that holds this. */
export interface Lock extends Disposable {
  /** Gives the lock up; the end of the process does so too. */
  release(): void
}

/** Status of flock(1) when somebody else holds the lock. */
const HELD = 1
const RETRY_MS = 200

/**
 * Takes the lock of `path` for this process, or says who has it. The kernel keeps the lock
 * (flock(2) on an open file), so a killed holder leaves nothing behind.
 */
export async function takeLock(
  path: string,
): Promise<Lock | { heldBy: ProcessIdentity | undefined }> {
  const file = openSync(path, 'a+', 0o600)
  // Node has no flock: flock(1) locks the open file it inherits, which is this process's too.
  const result = spawnSync('flock', ['--nonblock', '3'], {
    stdio: ['ignore', 'ignore', 'pipe', file],
  })
  if (result.status !== 0) {
    const text = readFileSync(path, 'utf8')
    closeSync(file)
    if (result.error !== undefined) throw result.error
    if (result.status !== HELD) throw new Error(`flock ${path}: ${result.stderr.toString().trim()}`)
    return { heldBy: parseHolder(text) }
  }
  ftruncateSync(file)
  writeSync(file, JSON.stringify(await identifyProcess(process.pid)))
  const release = () => closeSync(file)
  return { release, [Symbol.dispose]: release }
}

/** Takes the lock as soon as whoever has it gives it up. */
export async function waitForLock(path: string, signal: AbortSignal): Promise<Lock> {
  for (;;) {
    const taken = await takeLock(path)
    if (isLock(taken)) return taken
    await sleep(RETRY_MS, undefined, { signal })
  }
}

/** Whether what takeLock answered is the lock. */
export function isLock(taken: Lock | { heldBy: ProcessIdentity | undefined }): taken is Lock {
  return 'release' in taken
}

function parseHolder(text: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(text) as ProcessIdentity
  } catch {
    return undefined // It has only just taken the lock.
  }
}

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { readJsonFile, writeJsonFile } from '../installation/json-file.ts'
import { Backoff } from './backoff.ts'
import { endProcess } from './end-process.ts'
import { type ProcessIdentity, identifyProcess } from './process-identity.ts'

export interface ProcessDescription {
  /** For messages: `service`. */
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly environment: NodeJS.ProcessEnv
  /** Its output is appended here. */
  readonly logFile: string
  /** Where its identity is written, so that a later start can end one that was left behind. */
  readonly pidFile: string
  /** How long it has for a clean end. */
  readonly graceMs: number
}

/**
 * Keeps one program running until `signal` is aborted, then ends it cleanly. Started again after
 * every unasked end, `kill -9` included; rejects when it keeps ending.
 */
export async function keepRunning(
  description: ProcessDescription,
  options: {
    readonly signal: AbortSignal
    readonly log: (message: string) => void
    readonly backoff?: Backoff
  },
): Promise<void> {
  const { signal, log, backoff = new Backoff() } = options
  const { name, logFile } = description
  await endLeftover(description)
  while (!signal.aborted) {
    const startedAt = Date.now()
    const how = await runOnce(description, signal)
    if (signal.aborted) return
    const waitMs = how === 'SIGKILL' ? backoff.killed() : backoff.crashed(Date.now() - startedAt)
    if (waitMs === undefined) {
      throw new Error(`The ${name} keeps ending (last: ${how}). Its messages are in ${logFile}.`)
    }
    log(`The ${name} ended by itself (${how}); starting it again in ${waitMs} ms.`)
    await sleep(waitMs, undefined, { signal }).catch(() => {}) // Aborted: the loop ends.
  }
}

/** Ends the process a supervisor before this one left behind, when it is still that process. */
export async function endLeftover(
  description: Pick<ProcessDescription, 'pidFile' | 'graceMs'>,
): Promise<void> {
  const before = (await readJsonFile(description.pidFile)) as ProcessIdentity | undefined
  if (before !== undefined) await endProcess(before, description.graceMs)
}

/** One life of the program; how it ended. On abort it is ended, and gone when this returns. */
async function runOnce(description: ProcessDescription, signal: AbortSignal): Promise<string> {
  const { child, ended } = await start(description)
  const identity = child.pid === undefined ? undefined : await identifyProcess(child.pid)
  if (identity !== undefined) await writeJsonFile(description.pidFile, identity, 0o644)
  const over = new AbortController()
  const stop = once(signal, 'abort', { signal: over.signal }).then(
    () => {},
    () => {}, // The process ended first; nobody waits for the abort any more.
  )
  if (!signal.aborted) await Promise.race([ended, stop])
  if (signal.aborted && identity !== undefined) await endProcess(identity, description.graceMs)
  over.abort()
  return await ended
}

async function start(description: ProcessDescription) {
  await using log = await open(description.logFile, 'a', 0o640)
  const child = spawn(description.command, description.args, {
    cwd: '/',
    env: description.environment,
    stdio: ['ignore', log.fd, log.fd],
    // Its own process group: an interrupt typed at the terminal is ours to pass on, in order.
    detached: true,
  })
  return { child, ended: endOf(child) } // Before anything is awaited: it may end at once.
}

async function endOf(child: ChildProcess): Promise<string> {
  return await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(signal ?? `exit status ${code}`))
  })
}

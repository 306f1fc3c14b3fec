import { readdirSync, writeFileSync } from 'node:fs'
import { getPriority, setPriority } from 'node:os'

/** Of programs for which nobody said anything else. */
const ORDINARY_NICENESS = 0

/**
 * Where CONFIG_SCHED_AUTOGROUP is on, as in most distributions, CPUs are shared between sessions
 * first, by this file; the niceness of a process counts within its session only (sched(7)).
 */
const AUTOGROUP = '/proc/self/autogroup'

/**
 * Makes the niceness this process was started with count against all programs of the machine. To
 * be called in a session of its own.
 */
export function giveWay(): void {
  const niceness = getPriority()
  if (niceness > ORDINARY_NICENESS) tried(() => writeFileSync(AUTOGROUP, String(niceness)))
}

/**
 * Until disposed, this process competes for CPUs and disks like every other program of the server:
 * the agent gives way to all of them, but while filesystems stand still or applications rest
 * these wait for the agent. What it starts meanwhile is ordinary too. Never throws.
 */
export function raisedPriority(): Disposable {
  const before = threads().flatMap((thread) => {
    const niceness = tried(() => getPriority(thread))
    return niceness !== undefined && niceness > ORDINARY_NICENESS ? [{ thread, niceness }] : []
  })
  if (before.length > 0) tried(() => writeFileSync(AUTOGROUP, String(ORDINARY_NICENESS)))
  for (const { thread } of before) tried(() => setPriority(thread, ORDINARY_NICENESS))
  return {
    [Symbol.dispose]: () => {
      for (const { thread, niceness } of before) tried(() => setPriority(thread, niceness))
      giveWay()
    },
  }
}

/** Linux keeps a niceness for each thread, and the number of any means that one alone. */
function threads(): number[] {
  return readdirSync('/proc/self/task').map(Number)
}

/** Undefined for a thread that ended meanwhile, and where kernel or container do not allow it. */
function tried<T>(call: () => T): T | undefined {
  try {
    return call()
  } catch {
    return undefined
  }
}

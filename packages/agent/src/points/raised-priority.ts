import { readdirSync } from 'node:fs'
import { getPriority, setPriority } from 'node:os'

/** A process that nobody set a niceness for. */
const ORDINARY_NICENESS = 0

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
  for (const { thread } of before) tried(() => setPriority(thread, ORDINARY_NICENESS))
  return {
    [Symbol.dispose]: () => {
      for (const { thread, niceness } of before) tried(() => setPriority(thread, niceness))
    },
  }
}

/** Linux keeps a niceness for each thread, and the number of any means that one alone. */
function threads(): number[] {
  return readdirSync('/proc/self/task').map(Number)
}

/** Undefined for a thread that ended meanwhile, and where a container forbids it. */
function tried<T>(call: () => T): T | undefined {
  try {
    return call()
  } catch {
    return undefined
  }
}

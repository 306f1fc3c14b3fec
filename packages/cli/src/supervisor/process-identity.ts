import { readFile } from 'node:fs/promises'

/** A process beyond doubt: process IDs are used again, the pair of ID and start time is not. */
export interface ProcessIdentity {
  readonly pid: number
  /** Clock ticks from boot to its start (field 22 of /proc/PID/stat). */
  readonly startTicks: number
}

/** The identity of a live process; undefined when there is none, or only its zombie. */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | undefined> {
  let stat
  try {
    stat = await readFile(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return undefined // No such process.
  }
  // The name, in parentheses, may hold anything: count from the last parenthesis.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined
  return { pid, startTicks: Number(fields[19]) }
}

/** Whether that very process still runs. */
export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  return (await identifyProcess(identity.pid))?.startTicks === identity.startTicks
}

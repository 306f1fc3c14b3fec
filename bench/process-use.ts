import { readFile } from 'node:fs/promises'
import type { Installation } from '../test/installation.ts'

/** Ticks of `/proc/PID/stat` in a second (USER_HZ on every Linux port of Node). */
const TICKS_PER_SECOND = 100

/** User and system time of the process so far, in seconds. */
export async function cpuSeconds(processID: number): Promise<number> {
  const text = await readFile(`/proc/${processID}/stat`, 'utf8')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

/** Resident memory now (`VmRSS`) or at its highest (`VmHWM`). */
export async function memoryMiB(processID: number, field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${processID}/status`, 'utf8')
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024
}

/** The process of a PID file: a number, or JSON with one, as our supervisor writes them. */
export async function processIDIn(path: string): Promise<number> {
  const content = JSON.parse(await readFile(path, 'utf8')) as number | { readonly pid: number }
  return typeof content === 'number' ? content : content.pid
}

/** The process IDs of the replication server, and of the storage daemon of a source server. */
export async function stagingProcesses(
  { dataDir }: Installation,
  sourceServerID: string,
): Promise<{ server: number; daemon: number }> {
  return {
    server: await processIDIn(`${dataDir}/run/staging.pid`),
    daemon: await processIDIn(`${dataDir}/run/staging/${sourceServerID}/daemon.pid`),
  }
}

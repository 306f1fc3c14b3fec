import { readFile } from 'node:fs/promises'
import type { Installation } from '../test/installation.ts'

/** Ticks of `/proc/PID/stat` in a second (USER_HZ on every Linux port of Node). */
const TICKS_PER_SECOND = 100

/** User and system time of the process so far, in seconds. */
export async function cpuSeconds(processID: number): Promise<number> {
  const fields = await statFields(processID)
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

/** The fields of `/proc/PID/stat` after the program's name. */
async function statFields(processID: number): Promise<string[]> {
  const text = await readFile(`/proc/${processID}/stat`, 'utf8')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
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

/** The same for PostgreSQL: of the postmaster, its workers, and those of them that have ended. */
export async function treeCpuSeconds(processID: number): Promise<number> {
  const own = (await statFields(processID)).slice(11, 15)
  const workers = await Promise.all((await childrenOf(processID)).map(cpuSeconds))
  return [...own.map((ticks) => Number(ticks) / TICKS_PER_SECOND), ...workers].reduce(
    (a, b) => a + b,
  )
}

/** Memory of a process and its children, what they share counted once (`Pss`). */
export async function treeMemoryMiB(processID: number): Promise<number> {
  const processes = [processID, ...(await childrenOf(processID))]
  const sizes = await Promise.all(
    processes.map(async (process) => {
      const text = await readFile(`/proc/${process}/smaps_rollup`, 'utf8')
      return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1]) / 1024
    }),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

async function childrenOf(processID: number): Promise<number[]> {
  const text = await readFile(`/proc/${processID}/task/${processID}/children`, 'utf8')
  return text.trim().split(' ').map(Number)
}

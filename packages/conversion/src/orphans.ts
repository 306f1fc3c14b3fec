import { readFile, readdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Every tool of a conversion, and all that it starts in turn, carries its folder in this variable.
 * So they are found again when their caller was killed, without PID files and their reuse.
 */
export const MARK = 'LANDFALL_CONVERSION'

const POLL_MS = 50

/** The kernel needs a moment to end a killed QEMU; one stuck in a disk for longer is an error. */
const END_TIMEOUT_MS = 30_000

/** Kills all processes of the conversion in `workDir` and returns once they are gone. */
export async function endOrphans(workDir: string): Promise<void> {
  const deadline = Date.now() + END_TIMEOUT_MS
  for (;;) {
    const processes = await markedProcesses(workDir)
    if (processes.length === 0) return
    if (Date.now() > deadline) {
      throw new Error(`processes ${processes.join(', ')} of ${workDir} do not end`)
    }
    for (const pid of processes) kill(pid)
    await sleep(POLL_MS)
  }
}

async function markedProcesses(workDir: string): Promise<number[]> {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const marked: number[] = []
  for (const name of names) {
    // Other people's processes cannot be read, ended ones are empty or gone: neither is ours.
    const environment = await readFile(`/proc/${name}/environ`, 'utf8').catch(() => '')
    if (environment.split('\0').includes(`${MARK}=${workDir}`)) marked.push(Number(name))
  }
  return marked
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

import { readFile, rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { LandfallError } from '@landfall/model'

/** Time to write everything back and leave; then it is killed. */
const QUIT_MS_MAX = 10_000
const KILL_MS_MAX = 30_000
const POLL_MS = 20

export interface DaemonFiles {
  readonly pidFile: string
  /** Is on the daemon's command line, and so tells our daemon from any other process. */
  readonly qmpSocket: string
}

/**
 * Ends the daemon that an earlier staging process left behind, if one is there, and waits until it
 * is gone. A PID that now belongs to something else is never touched.
 */
export async function endStaleDaemon(files: DaemonFiles): Promise<'none' | 'ended'> {
  const pid = await pidOf(files)
  if (pid !== undefined) {
    process.kill(pid, 'SIGTERM')
    if (!(await gone(files, QUIT_MS_MAX))) {
      process.kill(pid, 'SIGKILL')
      if (!(await gone(files, KILL_MS_MAX))) {
        throw new LandfallError(
          'unavailable',
          `The storage daemon with process ID ${pid} does not end. Look at why it hangs, then end it`,
        )
      }
    }
  }
  await rm(files.pidFile, { force: true })
  return pid === undefined ? 'none' : 'ended'
}

async function gone(files: DaemonFiles, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs
  while (performance.now() < deadline) {
    if ((await pidOf(files)) === undefined) return true
    await sleep(POLL_MS)
  }
  return false
}

/** The living daemon of these files, verified by its command line. */
async function pidOf(files: DaemonFiles): Promise<number | undefined> {
  const text = await readFile(files.pidFile, 'utf8').catch(() => '')
  const pid = Number(text.trim())
  if (!Number.isInteger(pid) || pid <= 1) return undefined
  // A zombie's command line is empty: it counts as gone, and it holds no file.
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  const [program = ''] = commandLine.split('\0')
  const isOurs = program.endsWith('qemu-storage-daemon') && commandLine.includes(files.qmpSocket)
  return isOurs ? pid : undefined
}

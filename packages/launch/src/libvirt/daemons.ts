import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { LandfallError } from '@landfall/model'
import { runProgram } from '../run-program.ts'
import { virshAt } from './virsh.ts'

/** The first answer takes libvirtd some 8 s, because it asks QEMU for its abilities. */
const START_TIMEOUT_MS = 60_000
const STOP_TIMEOUT_MS = 20_000
const POLL_MS = 200

export interface LibvirtDaemons {
  /** Whether this call started libvirtd; false when it was already there. */
  readonly started: boolean
  /**
   * Ends the daemons whose PID files are in our `runDir`, and only those. They stay while anything
   * runs: virtlogd reads the consoles, and whoever looks after the machines needs libvirtd.
   */
  stop(): Promise<void>
}

export interface LibvirtOptions {
  /** For the PID files. */
  readonly runDir: string
  readonly signal?: AbortSignal
}

/**
 * Returns once `qemu:///system` answers. Where systemd runs libvirt this does nothing; elsewhere it
 * starts virtlogd and libvirtd (root only). May be called again, after a crash of the caller too.
 */
export async function ensureLibvirt(options: LibvirtOptions): Promise<LibvirtDaemons> {
  const stop = () => stopDaemons(options.runDir)
  if (await answers(options.signal)) return { started: false, stop }
  await mkdir(options.runDir, { recursive: true })
  await startDaemon('virtlogd', options)
  await startLibvirtd(options)
  const deadline = Date.now() + START_TIMEOUT_MS
  while (!(await answers(options.signal))) {
    if (Date.now() > deadline) {
      const message =
        'libvirtd was started and does not answer. Run "libvirtd" to see its messages.'
      throw new LandfallError('unavailable', message)
    }
    await sleep(POLL_MS, undefined, { signal: options.signal })
  }
  return { started: true, stop }
}

async function answers(signal?: AbortSignal): Promise<boolean> {
  return virshAt('qemu:///system')(['uri'], { signal, timeoutMs: START_TIMEOUT_MS }).then(
    () => true,
    () => {
      signal?.throwIfAborted()
      return false
    },
  )
}

async function startDaemon(program: string, options: LibvirtOptions): Promise<void> {
  const pidFile = pidFileOf(program, options.runDir)
  if ((await runningPid(pidFile)) !== undefined) return
  const environment = { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` }
  try {
    await runProgram(program, ['--daemon', '--pid-file', pidFile], { ...options, environment })
  } catch (cause) {
    const message = `${program} cannot be started. Install libvirt-daemon-system and run as root.`
    throw new LandfallError('unavailable', message, { cause })
  }
}

/**
 * libvirtd asks QEMU for its abilities by detached processes, and waits until they are reaped. Not
 * every PID 1 of a machine without systemd does that soon (a definition then took 70 s), so tini
 * takes its place for them.
 */
async function startLibvirtd({ runDir }: LibvirtOptions): Promise<void> {
  const pidFile = pidFileOf('libvirtd', runDir)
  if ((await runningPid(pidFile)) !== undefined) return
  const daemon = ['/usr/sbin/libvirtd', '--pid-file', pidFile]
  const child = spawn('tini', ['-s', '--', ...daemon], { detached: true, stdio: 'ignore' })
  child.unref()
  await once(child, 'spawn').catch((cause: unknown) => {
    const message = 'libvirtd cannot be started. Install tini and libvirt-daemon-system.'
    throw new LandfallError('unavailable', message, { cause })
  })
}

async function stopDaemons(runDir: string): Promise<void> {
  const running = await virshAt('qemu:///system')(['list', '--name']).catch(() => '')
  if (running.trim() !== '') return
  await stopDaemon(pidFileOf('libvirtd', runDir))
  await stopDaemon(pidFileOf('virtlogd', runDir))
}

async function stopDaemon(pidFile: string): Promise<void> {
  const pid = await runningPid(pidFile)
  if (pid === undefined) return
  process.kill(pid, 'SIGTERM')
  const deadline = Date.now() + STOP_TIMEOUT_MS
  while ((await runningPid(pidFile)) !== undefined && Date.now() < deadline) await sleep(POLL_MS)
}

function pidFileOf(program: string, runDir: string): string {
  return join(runDir, `${program}.pid`)
}

/** The process in the PID file, if it lives and its command line names that very file. */
async function runningPid(pidFile: string): Promise<number | undefined> {
  const pid = Number(await readFile(pidFile, 'utf8').catch(() => ''))
  if (!Number.isInteger(pid) || pid <= 0) return undefined
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  return commandLine.split('\0').includes(pidFile) ? pid : undefined
}

import { spawn, type ChildProcess } from 'node:child_process'
import { mkdir, open, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { LandfallError } from '@landfall/model'
import { QmpClient } from './qmp-client.ts'
import { endStaleDaemon, type DaemonFiles } from './stale-daemon.ts'

/** `sun_path` of a unix socket, with its terminating zero. */
const SOCKET_PATH_BYTES_MAX = 107

/** The daemon was ready within 0.1 s; a loaded machine may take a hundred times that. */
const START_MS_MAX = 10_000
const QUIT_MS_MAX = 30_000
const POLL_MS = 10

export interface StorageDaemonOptions {
  /** Folder for sockets and PID file, of this daemon alone; its path must be short. */
  readonly runDir: string
  /** Where the daemon's own messages are appended. */
  readonly logPath: string
}

/** One `qemu-storage-daemon`: started empty, told everything over QMP. */
export class StorageDaemon {
  readonly nbdSocket: string
  readonly pid: number
  /** Settles when the process is gone, with the reason in a few words. */
  readonly exited: Promise<string>
  readonly #child: ChildProcess
  readonly #qmp: QmpClient
  #isGone = false

  private constructor(child: ChildProcess, qmp: QmpClient, nbdSocket: string) {
    this.#child = child
    this.#qmp = qmp
    this.nbdSocket = nbdSocket
    this.pid = child.pid ?? 0
    this.exited = exitOf(child).finally(() => {
      this.#isGone = true
      qmp.close()
    })
  }

  /**
   * Ends whatever an earlier process left in `runDir`, then starts a new daemon with an NBD server.
   */
  static async start(options: StorageDaemonOptions): Promise<StorageDaemon> {
    const { pidFile, qmpSocket } = daemonFiles(options.runDir)
    const nbdSocket = join(options.runDir, 'nbd.sock')
    checkSocketPath(qmpSocket)
    await mkdir(options.runDir, { recursive: true, mode: 0o700 })
    await mkdir(dirname(options.logPath), { recursive: true })
    await endStaleDaemon({ pidFile, qmpSocket })

    const child = await spawnDaemon({ pidFile, qmpSocket, logPath: options.logPath })
    try {
      // The PID file comes last: with it, a daemon that holds images can always be found again.
      await waitForPidFile(child, pidFile, options.logPath)
      const qmp = await QmpClient.connect(qmpSocket)
      await qmp.execute('nbd-server-start', {
        addr: { type: 'unix', data: { path: nbdSocket } },
        'max-connections': 0,
      })
      return new StorageDaemon(child, qmp, nbdSocket)
    } catch (error) {
      child.kill('SIGKILL')
      throw error
    }
  }

  execute(command: string, commandArguments?: object): Promise<unknown> {
    return this.#qmp.execute(command, commandArguments)
  }

  /** Lets the daemon write everything back and quit; kills it when it does not. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM')
    const timer = setTimeout(() => this.kill(), QUIT_MS_MAX)
    await this.exited
    clearTimeout(timer)
  }

  /**
   * Ends the daemon at once: what was not flushed is lost. Resolved `exited` says that it is over.
   */
  kill(): void {
    if (!this.#isGone) this.#child.kill('SIGKILL')
  }
}

/** Where the daemon of a folder is found again. */
export function daemonFiles(runDir: string): DaemonFiles {
  return { pidFile: join(runDir, 'daemon.pid'), qmpSocket: join(runDir, 'qmp.sock') }
}

function checkSocketPath(path: string): void {
  if (Buffer.byteLength(path) <= SOCKET_PATH_BYTES_MAX) return
  throw new LandfallError(
    'validation',
    `The path ${path} is too long for a unix socket. Use a data directory with a shorter path`,
  )
}

async function spawnDaemon(options: {
  pidFile: string
  qmpSocket: string
  logPath: string
}): Promise<ChildProcess> {
  await using log = await open(options.logPath, 'a', 0o640)
  const child = spawn(
    'qemu-storage-daemon',
    [
      `--chardev=socket,path=${escaped(options.qmpSocket)},server=on,wait=off,id=qmp`,
      '--monitor=chardev=qmp',
      `--pidfile=${options.pidFile}`,
    ],
    // Its own process group: a Ctrl-C in the terminal must not end it before the volumes are
    // flushed.
    { stdio: ['ignore', 'ignore', log.fd], detached: true },
  )
  child.on('error', () => undefined) // `exitOf` and `waitForPidFile` tell.
  return child
}

/** A comma ends a value in QEMU's options unless it is doubled. */
function escaped(value: string): string {
  return value.replaceAll(',', ',,')
}

async function waitForPidFile(child: ChildProcess, path: string, logPath: string): Promise<void> {
  const deadline = performance.now() + START_MS_MAX
  while (!(await stat(path).catch(() => undefined))?.size) {
    const ended = child.pid === undefined || child.exitCode !== null || child.signalCode !== null
    if (ended || performance.now() > deadline) {
      throw new LandfallError(
        'unavailable',
        child.pid === undefined
          ? 'qemu-storage-daemon cannot be started. Install the package qemu-system-common or qemu-utils'
          : `qemu-storage-daemon did not start. Its messages are in ${logPath}`,
      )
    }
    await sleep(POLL_MS)
  }
}

function exitOf(child: ChildProcess): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  const settle = (): void =>
    resolve(child.signalCode === null ? `exit status ${child.exitCode}` : child.signalCode)
  if (child.exitCode !== null || child.signalCode !== null) settle()
  else child.once('exit', settle)
  return promise
}

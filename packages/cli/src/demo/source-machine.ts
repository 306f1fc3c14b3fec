import { type ChildProcess, spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Accelerator, runProgram } from '@landfall/launch'
import { LandfallError } from '@landfall/model'
import { type GuestImage, type MachineDisk, foreignHardware } from './guest-image.ts'

/**
 * Debian 12 takes 40 s to its login prompt under software emulation, minutes when others compute.
 */
const BOOT_DEADLINE_MS = 600_000
const POLL_MS = 2_000
const STOP_GRACE_MS = 5_000
const MEMORY_MIB = 1024

export interface SourceMachineOptions {
  readonly image: GuestImage
  /** For its overlay disk and serial log. */
  readonly folder: string
  readonly sshPort: number
  /** Besides the one with the system, in this order. */
  readonly moreDisks?: readonly MachineDisk[]
  readonly accelerator: Accelerator
  readonly signal: AbortSignal
  readonly onProgress: (secondsUp: number) => void
}

type ReachableOptions = Pick<SourceMachineOptions, 'signal' | 'onProgress'>

/** The demo's source server: a virtual machine on hardware that the target does not have. */
export class SourceMachine implements AsyncDisposable {
  readonly serialLogPath: string
  readonly pid: number
  readonly #qemu: ChildProcess
  readonly #sshArgs: readonly string[]

  private constructor(qemu: ChildProcess, options: SourceMachineOptions) {
    this.#qemu = qemu
    this.pid = qemu.pid ?? 0
    this.serialLogPath = join(options.folder, 'source-serial.log')
    this.#sshArgs = [
      ...['-i', options.image.sshKeyPath, '-p', String(options.sshPort)],
      ...['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'],
      ...['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=20', '-o', 'LogLevel=ERROR'],
      ...['-o', 'ServerAliveInterval=30', '-o', 'ServerAliveCountMax=10'],
      'root@127.0.0.1',
    ]
  }

  /** Boots an overlay of the image and returns once one can log in. */
  static async boot(options: SourceMachineOptions): Promise<SourceMachine> {
    const disk = join(options.folder, 'source.qcow2')
    await runProgram('qemu-img', [
      ...['create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', options.image.path, disk],
    ])
    const machine = new SourceMachine(startQemu(disk, options), options)
    try {
      await machine.untilReachable(options)
    } catch (error) {
      await machine[Symbol.asyncDispose]()
      throw error
    }
    return machine
  }

  /** Runs a script as the source's root user; its standard output. Secrets may be in the script. */
  async run(
    script: string,
    options: { signal: AbortSignal; onLine?: (line: string) => void },
  ): Promise<string> {
    return await runProgram('ssh', [...this.#sshArgs, 'sh -s'], { ...options, input: script })
  }

  /** Starts a command there whose output is read as it comes. */
  start(command: string): ChildProcess {
    return spawn('ssh', [...this.#sshArgs, command], { stdio: ['ignore', 'pipe', 'pipe'] })
  }

  /** Lets it go on running after this program has ended. */
  leaveRunning(): void {
    this.#qemu.unref()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (hasEnded(this.#qemu)) return
    const ended = new Promise((resolve) => this.#qemu.once('exit', resolve))
    this.#qemu.kill('SIGTERM')
    const timer = setTimeout(() => this.#qemu.kill('SIGKILL'), STOP_GRACE_MS)
    await ended
    clearTimeout(timer)
  }

  /** Returns once one can log in: after a reboot. */
  async untilReachable({ signal, onProgress }: ReachableOptions): Promise<void> {
    const startedAt = Date.now()
    for (;;) {
      try {
        await this.run('true', { signal })
        return
      } catch (cause) {
        signal.throwIfAborted()
        const last = (await readFile(this.serialLogPath, 'utf8').catch(() => '')).slice(-500)
        if (hasEnded(this.#qemu) || Date.now() - startedAt > BOOT_DEADLINE_MS) {
          const what = hasEnded(this.#qemu) ? 'QEMU ended' : 'one cannot log in'
          throw new LandfallError(
            'unavailable',
            `The source server did not boot: ${what}. The end of ${this.serialLogPath}: ${last}`,
            { cause },
          )
        }
        onProgress((Date.now() - startedAt) / 1000)
        await sleep(POLL_MS, undefined, { signal })
      }
    }
  }
}

function startQemu(disk: string, options: SourceMachineOptions): ChildProcess {
  const { accelerator, folder, sshPort } = options
  const tcg = accelerator === 'tcg'
  const disks = [{ path: disk, format: 'qcow2' as const }, ...(options.moreDisks ?? [])]
  const forward = `tcp:127.0.0.1:${sshPort}-:22`
  return spawn(
    'qemu-system-x86_64',
    [
      ...['-name', 'landfall-demo-source', '-m', String(MEMORY_MIB), '-smp', '2'],
      ...['-accel', tcg ? 'tcg,thread=multi,tb-size=256' : 'kvm', '-cpu', tcg ? 'max' : 'host'],
      ...foreignHardware(disks, forward),
      ...['-nodefaults', '-vga', 'std', '-display', 'none', '-monitor', 'none'],
      ...['-serial', `file:${join(folder, 'source-serial.log')}`],
    ],
    { detached: true, stdio: 'ignore' },
  )
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null
}

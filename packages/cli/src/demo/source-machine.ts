import { type ChildProcess, spawn } from 'node:child_process'
import { open, readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Accelerator, runProgram } from '@landfall/launch'
import { LandfallError } from '@landfall/model'
import type { GuestImage } from './guest-image.ts'
import { FOREIGN_HARDWARE, hardwareArguments, type Hardware, type MachineDisk } from './hardware.ts'

/**
 * Debian 12 takes 40 s to its login prompt under software emulation, minutes when others compute.
 */
const BOOT_DEADLINE_MS = 600_000
const POLL_MS = 2_000
const STOP_GRACE_MS = 5_000
const MEMORY_MIB = 1024
const SERIAL_LOG = 'source-serial.log'
const SERIAL_SOCKET = 'source-serial.sock'
/** What QEMU itself complains of. */
const QEMU_LOG = 'source-qemu.log'

export interface SourceMachineOptions {
  readonly image: GuestImage
  /** For its overlay disk and serial log. */
  readonly folder: string
  readonly sshPort: number
  /** Absent: `FOREIGN_HARDWARE`. */
  readonly hardware?: Hardware
  /** Besides the one with the system, in this order. */
  readonly moreDisks?: readonly MachineDisk[]
  /** A question of the boot on the serial console, such as for a passphrase, and its answer. */
  readonly question?: { readonly pattern: RegExp; readonly answer: string }
  readonly accelerator: Accelerator
  readonly signal: AbortSignal
  readonly onProgress: (secondsUp: number) => void
}

type ReachableOptions = Pick<SourceMachineOptions, 'signal' | 'onProgress' | 'question'>

/** The demo's source server: a virtual machine on hardware that the target does not have. */
export class SourceMachine implements AsyncDisposable {
  readonly serialLogPath: string
  readonly pid: number
  readonly #qemu: ChildProcess
  readonly #serialSocket: string
  readonly #qemuLogPath: string
  readonly #sshArgs: readonly string[]

  private constructor(qemu: ChildProcess, options: SourceMachineOptions) {
    this.#qemu = qemu
    this.pid = qemu.pid ?? 0
    this.serialLogPath = join(options.folder, SERIAL_LOG)
    this.#serialSocket = join(options.folder, SERIAL_SOCKET)
    this.#qemuLogPath = join(options.folder, QEMU_LOG)
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
    const { path, format = 'raw' } = options.image
    const create = ['create', '-q', '-f', 'qcow2', '-F', format, '-b', path, disk]
    await runProgram('qemu-img', create)
    const machine = new SourceMachine(await startQemu(disk, options), options)
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
  async untilReachable({ signal, onProgress, question }: ReachableOptions): Promise<void> {
    const startedAt = Date.now()
    let isAnswered = question === undefined
    for (;;) {
      isAnswered ||= await this.#answer(question)
      try {
        await this.run('true', { signal })
        return
      } catch (cause) {
        signal.throwIfAborted()
        const last = (await this.#serialLog()).slice(-500)
        if (hasEnded(this.#qemu) || Date.now() - startedAt > BOOT_DEADLINE_MS) {
          const complaints = (await readFile(this.#qemuLogPath, 'utf8')).trim()
          const what = hasEnded(this.#qemu) ? `QEMU ended: ${complaints}` : 'one cannot log in'
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

  /** Whether the question was there to be answered. */
  async #answer(question: SourceMachineOptions['question']): Promise<boolean> {
    if (question === undefined || !question.pattern.test(await this.#serialLog())) return false
    const console = connect(this.#serialSocket)
    await new Promise((resolve) => console.end(`${question.answer}\n`, () => resolve(undefined)))
    return true
  }

  #serialLog(): Promise<string> {
    return readFile(this.serialLogPath, 'utf8').catch(() => '')
  }
}

async function startQemu(disk: string, options: SourceMachineOptions): Promise<ChildProcess> {
  const { accelerator, folder, sshPort, hardware = FOREIGN_HARDWARE } = options
  const tcg = accelerator === 'tcg'
  const disks = [{ path: disk, format: 'qcow2' as const }, ...(options.moreDisks ?? [])]
  const serialSocket = join(folder, SERIAL_SOCKET)
  const log = join(folder, SERIAL_LOG)
  const forward = `tcp:127.0.0.1:${sshPort}-:22`
  await using complaints = await open(join(folder, QEMU_LOG), 'w')
  return spawn(
    'qemu-system-x86_64',
    [
      ...['-name', 'landfall-demo-source', '-m', String(MEMORY_MIB), '-smp', '2'],
      ...['-accel', tcg ? 'tcg,thread=multi,tb-size=256' : 'kvm', '-cpu', tcg ? 'max' : 'host'],
      ...(await hardwareArguments(hardware, { disks, forward, folder })),
      ...['-nodefaults', '-vga', 'std', '-display', 'none', '-monitor', 'none'],
      ...['-chardev', `socket,id=serial,server=on,wait=off,path=${serialSocket},logfile=${log}`],
      ...['-serial', 'chardev:serial'],
    ],
    { detached: true, stdio: ['ignore', 'ignore', complaints.fd] },
  )
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null
}

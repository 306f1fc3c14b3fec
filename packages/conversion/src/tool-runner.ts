import { spawn } from 'node:child_process'
import type { ChildProcess, ChildProcessWithoutNullStreams } from 'node:child_process'
import { chown, mkdir, open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { MARK, endOrphans } from './orphans.ts'

export interface ToolSurroundings {
  readonly workDir: string
  readonly applianceDir: string
  readonly user?: { readonly uid: number; readonly gid: number }
  readonly accelerator: 'kvm' | 'tcg'
  readonly signal: AbortSignal
}

/** Standard output kept of one command; a guest's configuration files are far smaller. */
const OUTPUT_BYTES_MAX = 4 * 1024 * 1024

/** How much of the end of what a tool said becomes part of its error. */
const COMPLAINT_LINES = 4

/**
 * Runs the conversion's tools: unprivileged, marked, confined to the conversion's folders, and with
 * everything they say in one log. No shell anywhere.
 */
export class ToolRunner implements AsyncDisposable {
  readonly logPath: string
  readonly scratchDir: string
  readonly #surroundings: ToolSurroundings
  readonly #log: FileHandle

  private constructor(surroundings: ToolSurroundings, log: FileHandle) {
    this.#surroundings = surroundings
    this.#log = log
    this.logPath = join(surroundings.workDir, 'conversion.log')
    this.scratchDir = join(surroundings.workDir, 'scratch')
  }

  static async open(surroundings: ToolSurroundings): Promise<ToolRunner> {
    const log = await open(join(surroundings.workDir, 'conversion.log'), 'a', 0o640)
    const runner = new ToolRunner(surroundings, log)
    await mkdir(runner.scratchDir, { mode: 0o700 })
    if (surroundings.user !== undefined) {
      const { uid, gid } = surroundings.user
      await chown(runner.scratchDir, uid, gid)
      await log.chown(uid, gid)
    }
    return runner
  }

  /**
   * Runs a tool to its end and returns its standard output. Throws when its exit status is not
   * zero, with the last lines it wrote to standard error.
   */
  async run(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
    this.#surroundings.signal.throwIfAborted()
    await this.#log.write(`+ ${[program, ...args].map((text) => JSON.stringify(text)).join(' ')}\n`)
    const child = this.#spawn(program, args)
    child.stdin.on('error', () => {}) // A tool that does not read all is judged by its status.
    if (options.input === undefined) child.stdin.end()
    else options.input.pipe(child.stdin)
    let output = ''
    let complaints = ''
    const toLog = (chunk: string) => void this.#log.write(chunk).catch(() => {})
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      complaints = (complaints + chunk).slice(-OUTPUT_BYTES_MAX)
      toLog(chunk)
    })
    // Latin-1 keeps every byte: guests have files in any encoding.
    child.stdout.setEncoding('latin1').on('data', (chunk: string) => {
      output = (output + chunk).slice(-OUTPUT_BYTES_MAX)
      if (options.logsOutput === true) toLog(chunk)
      options.onOutput?.(chunk)
    })
    const status = await ending(child)
    this.#surroundings.signal.throwIfAborted()
    if (status === 0) return output
    const lines = complaints.trim().split('\n').slice(-COMPLAINT_LINES).join(' / ')
    throw new Error(`${program} ended with ${status ?? 'a signal'}: ${lines || 'no message'}`)
  }

  /** Kills whatever still runs of this conversion. */
  async endAll(): Promise<void> {
    await endOrphans(this.#surroundings.workDir)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#log.close()
  }

  #spawn(program: string, args: readonly string[]): ChildProcessWithoutNullStreams {
    const { workDir, applianceDir, accelerator, user, signal } = this.#surroundings
    return spawn(program, args, {
      cwd: this.scratchDir,
      ...user,
      signal,
      killSignal: 'SIGKILL',
      stdio: 'pipe',
      env: {
        // Where distributions put virt-v2v-in-place: Debian in bin, Fedora in libexec.
        PATH: `${process.env['PATH'] ?? '/usr/bin:/bin'}:/usr/sbin:/sbin:/usr/libexec`,
        LC_ALL: 'C.UTF-8',
        HOME: this.scratchDir,
        TMPDIR: this.scratchDir,
        LIBGUESTFS_BACKEND: 'direct',
        LIBGUESTFS_CACHEDIR: applianceDir,
        ...(accelerator === 'tcg' ? { LIBGUESTFS_BACKEND_SETTINGS: 'force_tcg' } : {}),
        [MARK]: workDir,
      },
    })
  }
}

export interface RunOptions {
  /** The tool's standard input; absent: empty. */
  readonly input?: Readable
  /** Called with each piece of standard output, as Latin-1. */
  readonly onOutput?: (chunk: string) => void
  /** Puts standard output into the log as well. */
  readonly logsOutput?: boolean
}

function ending(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
}

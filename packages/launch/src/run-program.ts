import { spawn } from 'node:child_process'

/** Output kept in memory: the longest answer read here is a domain's XML, some tens of KiB. */
const OUTPUT_BYTES_MAX = 4 * 1024 * 1024

/** A program ended with a failure: what was run, how it ended, and the end of what it said. */
export class ProgramFailed extends Error {
  readonly program: string
  readonly exitStatus: number | null
  readonly stderr: string

  constructor(program: string, exitStatus: number | null, stderr: string) {
    const lines = stderr.trim().split('\n').slice(-5).join(' / ')
    super(`${program} ended with ${exitStatus ?? 'a signal'}: ${lines || 'it said nothing'}`)
    this.name = 'ProgramFailed'
    this.program = program
    this.exitStatus = exitStatus
    this.stderr = stderr
  }
}

export interface ProgramOptions {
  /** Ends the program with `killSignal`, SIGTERM unless said otherwise, and waits for its end. */
  readonly signal?: AbortSignal | undefined
  readonly killSignal?: NodeJS.Signals
  /** Added to our own environment. */
  readonly environment?: Readonly<Record<string, string>>
  /** Written to its standard input, which is then closed. */
  readonly input?: string
  readonly workingDirectory?: string
  /** Called for each line, ended by \\n or \\r, of its standard output and standard error. */
  readonly onLine?: (line: string) => void
}

/**
 * Runs a program without a shell and returns its standard output. Throws `ProgramFailed` on a
 * non-zero exit status, and whatever the system says when it cannot be started at all.
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<string> {
  const child = spawn(program, args, {
    cwd: options.workingDirectory,
    env: { ...process.env, LC_ALL: 'C.UTF-8', ...options.environment },
    stdio: 'pipe',
    signal: options.signal,
    killSignal: options.killSignal,
  })
  // A program that ends without reading its input is judged by its exit status.
  child.stdin.on('error', () => {})
  child.stdin.end(options.input ?? '')
  const output = collect(child.stdout, options.onLine)
  const complaints = collect(child.stderr, options.onLine)
  const exitStatus = await new Promise<number | null>((resolve, reject) => {
    child.on('error', (error) => {
      // A program that was never started has no end to wait for; an aborted one has.
      if (child.pid === undefined) reject(error)
    })
    child.once('close', resolve)
  })
  options.signal?.throwIfAborted()
  if (exitStatus !== 0) throw new ProgramFailed(program, exitStatus, complaints())
  return output()
}

/** Gathers a stream as text, up to the limit, and passes its lines on. */
function collect(stream: NodeJS.ReadableStream, onLine?: (line: string) => void): () => string {
  let text = ''
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    text = (text + chunk).slice(-OUTPUT_BYTES_MAX)
    if (onLine === undefined) return
    const lines = (rest + chunk).split(/[\r\n]+/)
    rest = (lines.pop() ?? '').slice(-OUTPUT_BYTES_MAX)
    for (const line of lines) onLine(line)
  })
  return () => text
}

import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import type { KnownRamdisk, Look } from './look.ts'

/** A slow disk and a busy CPU take a minute for a large initial ramdisk. */
const LOOK_MS_MAX = 10 * 60_000

/** Facts are bounded, and take a few KB. */
const OUTPUT_BYTES_MAX = 4 * 1024 * 1024

export interface LookerProgram {
  readonly command: string
  /** With `look` at its end. */
  readonly args: readonly string[]
  readonly environment: NodeJS.ProcessEnv
}

/**
 * Looks at the server in a process of its own: what it needs of memory is gone with it, and it
 * gives way to everything, the agent's replication included.
 */
export async function lookInChild(
  { command, args, environment }: LookerProgram,
  known: KnownRamdisk | undefined,
  signal: AbortSignal,
): Promise<Look> {
  const child = spawn(command, args, {
    cwd: '/',
    env: environment,
    stdio: ['pipe', 'pipe', 'pipe'],
    signal: AbortSignal.any([signal, AbortSignal.timeout(LOOK_MS_MAX)]),
    killSignal: 'SIGKILL',
  })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  ended.catch(() => {}) // Asked for below.
  if (child.pid !== undefined) yieldAll(child.pid)
  child.stdin.on('error', () => {}) // Who does not read is judged by the status.
  child.stdin.end(JSON.stringify(known ?? null))
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-1000)
  })
  let output = ''
  for await (const text of child.stdout.setEncoding('utf8')) {
    output += text as string
    if (output.length > OUTPUT_BYTES_MAX) child.kill('SIGKILL')
  }
  const status = await ended
  if (status !== 0) throw new Error(`it ended with ${status ?? 'a signal'}: ${complaint.trim()}`)
  return JSON.parse(output) as Look
}

/** Also of memory: where it runs out, this goes and none of the server's programs. */
function yieldAll(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, '1000')
    setPriority(pid, constants.priority.PRIORITY_LOW)
  } catch {
    // It has ended already, or a container does not allow it: then it is one like the others.
  }
}

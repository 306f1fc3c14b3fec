import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { constants } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { errorText, type InstanceStep, type InstanceStepResult } from '@landfall/model'

const SCRIPT = '_script.sh'

/** A script that is to end may clean up for so long. */
const END_MS_MAX = 5000
const END_POLL_MS = 50
/** A killed process that is still there then waits in the kernel, perhaps for a disk. */
const KILLED_MS_MAX = 1000
/** An ended script's last words are in the pipe already; what it left running may keep it open. */
const LAST_WORDS_MS_MAX = 1000

/** SSM's agent says so, too, where it keeps the beginning only. */
const TRUNCATED = '\n--output truncated--'

/** Of a script that did not end by itself. */
const NO_EXIT_STATUS = -1

/** Nothing of the agent's own environment. */
const ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  USER: 'root',
  LC_ALL: 'C.UTF-8',
}
/** The agent's own lets nobody read what it writes, which is not what scripts expect. */
const UMASK = '022'

export interface ScriptOptions {
  readonly step: InstanceStep
  /** Of its own; made here. */
  readonly folder: string
  readonly instanceID: string
  /** Characters of its output that are kept. */
  readonly stdoutMax: number
  readonly stderrMax: number
  /** Aborted: it is ended, with all that it started. */
  readonly signal: AbortSignal
}

/** Runs a step's script to its end, in a group of its own. Throws for our own folder only. */
export async function runScript(options: ScriptOptions): Promise<InstanceStepResult> {
  const { step, folder, instanceID } = options
  const startedAt = new Date().toISOString()
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const script = join(folder, SCRIPT)
  await writeFile(script, `${step.script}\n`, { mode: 0o700 })
  // As with SSM, the first line of a script may name another shell.
  const run = step.script.startsWith('#!') ? 'exec "$0"' : 'exec /bin/sh "$0"'
  const child = spawn('/bin/sh', ['-c', `umask ${UMASK}; ${run}`, script], {
    cwd: step.workingDirectory ?? folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A script that finds no other program to speak HTTPS with has the agent's own.
    env: { ...ENVIRONMENT, AWS_SSM_INSTANCE_ID: instanceID, LANDFALL_NODE: process.execPath },
  })
  const stdout = new Beginning(child.stdout, options.stdoutMax)
  const stderr = new Beginning(child.stderr, options.stderrMax)
  const end = await endOf(child, options)
  return {
    name: step.name,
    status: end.status,
    exitStatus: end.exitStatus,
    startedAt,
    endedAt: new Date().toISOString(),
    stdout: stdout.text(),
    stderr: stderr.text(end.why),
  }
}

type End = Pick<InstanceStepResult, 'status' | 'exitStatus'> & { readonly why?: string }

async function endOf(child: ChildProcess, { step, signal }: ScriptOptions): Promise<End> {
  const { promise: stopped, resolve } = Promise.withResolvers<undefined>()
  const stop = () => resolve(undefined)
  const timer = setTimeout(stop, step.timeoutSeconds * 1000)
  signal.addEventListener('abort', stop)
  if (signal.aborted) stop()
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  const closed = once(child, 'close').catch(() => undefined)
  try {
    const exit = await Promise.race([exited, stopped])
    if (exit === undefined) {
      await endGroup(child.pid)
      await Promise.race([closed, sleep(LAST_WORDS_MS_MAX)])
      const status = signal.aborted ? 'Cancelled' : 'TimedOut'
      return { status, exitStatus: NO_EXIT_STATUS }
    }
    await Promise.race([closed, sleep(LAST_WORDS_MS_MAX)])
    const [code, by] = exit
    const exitStatus = code ?? 128 + (by === null ? 0 : constants.signals[by])
    return { status: exitStatus === 0 ? 'Success' : 'Failed', exitStatus }
  } catch (error) {
    const where = step.workingDirectory === undefined ? '' : ` in ${step.workingDirectory}`
    const why = `The script cannot be started${where}: ${errorText(error)}`
    return { status: 'Failed', exitStatus: NO_EXIT_STATUS, why }
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}

/** The beginning of a stream; the rest is read and forgotten, so that nobody waits for a reader. */
class Beginning {
  readonly #max: number
  #kept = ''

  constructor(stream: NodeJS.ReadableStream | null, max: number) {
    this.#max = max
    stream?.setEncoding('utf8').on('data', (text: string) => {
      // One more than may be told says that there was more.
      this.#kept += text.slice(0, Math.max(0, max + 1 - this.#kept.length))
    })
  }

  /** As the service can keep it. */
  text(instead = ''): string {
    const text = this.#kept === '' ? instead : this.#kept
    const cut =
      text.length <= this.#max
        ? text
        : text.slice(0, Math.max(0, this.#max - TRUNCATED.length)) + TRUNCATED
    return cut.slice(0, this.#max).replaceAll('\0', '\uFFFD').toWellFormed()
  }
}

/** Asks the group to end, and kills what does not. */
async function endGroup(pid: number | undefined): Promise<void> {
  signalGroup(pid, 'SIGTERM')
  if (await isGone(pid, END_MS_MAX)) return
  signalGroup(pid, 'SIGKILL')
  await isGone(pid, KILLED_MS_MAX)
}

async function isGone(pid: number | undefined, timeoutMs: number): Promise<boolean> {
  const deadlineMs = performance.now() + timeoutMs
  while (signalGroup(pid, 0)) {
    if (performance.now() > deadlineMs) return false
    await sleep(END_POLL_MS)
  }
  return true
}

/** False when there is no such group any more. */
function signalGroup(pid: number | undefined, signal: NodeJS.Signals | 0): boolean {
  if (pid === undefined) return false
  try {
    return process.kill(-pid, signal)
  } catch {
    return false
  }
}

/** Kills a script below `folder` that an earlier agent began and did not see the end of. */
export async function killLeftOver(folder: string): Promise<void> {
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const line = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')
    const isScript = line
      .split('\0')
      .some((word) => word.startsWith(`${folder}/`) && word.endsWith(`/${SCRIPT}`))
    if (isScript) signalGroup(Number(name), 'SIGKILL')
  }
}

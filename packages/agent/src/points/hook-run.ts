import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { errorText } from '@landfall/model'

export type HookWord = 'freeze' | 'thaw'

/** For each: a hook that hangs must not keep the next application from going on. */
export const THAW_HOOK_MS_MAX = 30_000

/** What is kept of a hook's output; the rest is read and forgotten. */
const OUTPUT_CHARACTERS_MAX = 8192
/** An ended hook's last words are in the pipe already; what it left running may keep it open. */
const LAST_WORDS_MS_MAX = 100
/** A killed process that is still there then waits in the kernel, perhaps for a disk. */
const KILLED_MS_MAX = 1000

/** Nothing of the agent's own environment. HOME is where clients of databases keep their login. */
const HOOK_ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LC_ALL: 'C.UTF-8',
}

export interface HookRun {
  /** Why it failed, for a person; undefined when it ended with 0 and in time. */
  readonly failure: string | undefined
  /**
   * Closes its output. Until then a process that the hook left running, to hold a lock say, can
   * write there and is not ended by it.
   */
  readonly release: () => void
}

export interface HookOptions {
  readonly timeoutMs: number
  readonly log: (message: string) => void
  /** Aborted: the hook is killed. */
  readonly signal?: AbortSignal
}

/** Runs `HOOK freeze` or `HOOK thaw` and logs what it said when it has ended. Never throws. */
export async function runHook(
  hook: string,
  word: HookWord,
  options: HookOptions,
): Promise<HookRun> {
  const child = spawn(hook, [word], {
    cwd: '/',
    // A process group of its own, to be killed with all its children.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: HOOK_ENVIRONMENT,
  })
  const output = gatherOutput(child)
  const failure = await endOf(child, options)
  const lines = output()
    .split('\n')
    .filter((line) => line.trim() !== '')
  for (const line of lines) options.log(`${hook} ${word}: ${line}`)
  const lastLine = lines.at(-1)
  const said = lastLine === undefined ? '' : `: ${lastLine.trim()}`
  return {
    failure: failure === undefined ? undefined : `${word} ${failure}${said}`,
    release: () => {
      child.stdout?.destroy()
      child.stderr?.destroy()
    },
  }
}

function gatherOutput(child: ChildProcess): () => string {
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text.slice(0, Math.max(0, OUTPUT_CHARACTERS_MAX - output.length))
    })
  }
  return () => output
}

/** Why the hook failed; undefined when it did not. */
async function endOf(child: ChildProcess, options: HookOptions): Promise<string | undefined> {
  const timeout = AbortSignal.timeout(options.timeoutMs)
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  const closed = once(child, 'close').catch(() => undefined)
  const { promise: stopped, resolve } = Promise.withResolvers<undefined>()
  const stop = (): void => resolve(undefined)
  signal.addEventListener('abort', stop)
  if (signal.aborted) stop()
  try {
    const end = await Promise.race([ended, stopped])
    if (end === undefined) {
      killGroup(child.pid)
      await Promise.race([closed, sleep(KILLED_MS_MAX)])
      const seconds = (options.timeoutMs / 1000).toFixed(0)
      return timeout.aborted ? `did not end within ${seconds} s` : 'was interrupted'
    }
    await Promise.race([closed, sleep(LAST_WORDS_MS_MAX)])
    const [status, by] = end
    if (status === 0) return undefined
    return by === null ? `failed with status ${status}` : `was ended by ${by}`
  } catch (error) {
    return `cannot be started (${errorText(error)})`
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** Kills a hook that an earlier agent began and did not see the end of. */
export async function killLeftOverHook(hook: string, word: HookWord): Promise<void> {
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const line = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')
    // Its interpreter may come first.
    if (line === `${hook}\0${word}\0` || line.endsWith(`\0${hook}\0${word}\0`)) {
      killGroup(Number(name))
    }
  }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It ended meanwhile, or belongs to a group that is killed by its leader's number.
  }
}

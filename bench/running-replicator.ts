import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { PointDescription } from '@landfall/model'
import { AGENT_NICENESS } from '../packages/agent/src/install/agent-process.ts'
import { Tracker } from '../packages/agent/src/tracking/tracker.ts'
import type { Surroundings } from './figure.ts'
import type { RegisteredServer } from './registered-server.ts'

/** As `landfall-agent.sh` starts the agent. */
const ENVIRONMENT = { MALLOC_ARENA_MAX: '2', UV_THREADPOOL_SIZE: '8' }
const NODE_FLAGS = ['--max-semi-space-size=2']

const FOLDER = import.meta.dirname

/** A state of replication, as the agent told it, with when it began and the counters of then. */
export interface StateSeen {
  readonly state: string
  /** Milliseconds since 1970, by the monotonic clock. */
  readonly atMs: number
  readonly readBytes: number
  readonly wireBytes: number
  readonly error?: string
}

interface Said {
  readonly state?: string
  readonly point?: PointDescription
  readonly failure?: string
  readonly lags?: readonly number[]
  readonly log?: string
}

/** An agent's replicator in a process of its own (`replicator-program.ts`). */
export class RunningReplicator implements AsyncDisposable {
  /** All states so far. */
  readonly states: StateSeen[] = []
  readonly #process: ChildProcess
  readonly #folder: string
  readonly #sourceServerID: string
  readonly #signal: AbortSignal
  readonly #waiters = new Set<{ take(said: Said): void; fail(error: Error): void }>()
  #lastLog = ''

  private constructor(
    process: ChildProcess,
    options: { folder: string; sourceServerID: string; signal: AbortSignal },
  ) {
    this.#process = process
    this.#folder = options.folder
    this.#sourceServerID = options.sourceServerID
    this.#signal = options.signal
    if (process.stdout === null) throw new Error('The replicator has no standard output')
    createInterface({ input: process.stdout }).on('line', (line) => this.#hear(line))
    process.once('exit', () => {
      const error = new Error(`The replicator ended; it said last: ${this.#lastLog}`)
      for (const waiter of this.#waiters) waiter.fail(error)
    })
  }

  /**
   * Starts to replicate the server's disks. `networkNamespace`: path of the namespace its
   * connections come from. `isNiced`: it takes what others leave of the cores.
   */
  static async start(
    server: RegisteredServer,
    options: {
      readonly addresses?: readonly string[]
      readonly networkNamespace?: string
      readonly isNiced?: boolean
      readonly signal: Surroundings['signal']
    },
  ): Promise<RunningReplicator> {
    const folder = await mkdtemp('/run/landfall-bench-')
    const program = [process.execPath, ...NODE_FLAGS, join(FOLDER, 'replicator-program.ts')]
    const { networkNamespace, isNiced = false } = options
    const within = networkNamespace === undefined ? [] : ['nsenter', `--net=${networkNamespace}`]
    const nice = isNiced ? ['nice', '-n', String(AGENT_NICENESS)] : []
    const [command = '', ...rest] = [...within, ...nice, ...program]
    const env = { ...process.env, ...ENVIRONMENT }
    const child = spawn(command, rest, { stdio: ['pipe', 'pipe', 'inherit'], env })
    await once(child, 'spawn')
    const { addresses = ['127.0.0.1'], signal } = options
    const replicatorOptions = { ...server.identity, addresses, stateDir: join(folder, 'state') }
    child.stdin?.write(`${JSON.stringify(replicatorOptions)}\n`)
    return new RunningReplicator(child, { folder, sourceServerID: server.sourceServerID, signal })
  }

  get processID(): number {
    return this.#process.pid ?? 0
  }

  /** The first time it says that it is in `state`, which may have been already. */
  async until(state: string): Promise<StateSeen> {
    const seen = this.states.find((each) => each.state === state)
    if (seen !== undefined) return seen
    return (await this.#next((said) => said.state === state)) as unknown as StateSeen
  }

  /** Makes a point; how it went. */
  async point(pointID: string): Promise<PointDescription> {
    this.#process.stdin?.write(`point ${pointID}\n`)
    const said = await this.#next(
      ({ point, failure }) => point !== undefined || failure !== undefined,
    )
    if (said.point === undefined) throw new Error(said.failure)
    return said.point
  }

  /** Seconds of lag at every look until the promise settles. */
  async lagWhile(work: Promise<unknown>): Promise<readonly number[]> {
    this.#process.stdin?.write('lag on\n')
    await work
    this.#process.stdin?.write('lag off\n')
    return (await this.#next(({ lags }) => lags !== undefined)).lags ?? []
  }

  /** Stops it as an uninstallation does. Whatever it left after a crash or Ctrl-C goes too. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.stdin?.end('stop\n')
      await once(this.#process, 'exit')
    }
    await Tracker.remove(`landfall-${this.#sourceServerID}`)
    await rm(this.#folder, { recursive: true })
  }

  #next(isMeant: (said: Said) => boolean): Promise<Said> {
    const { promise, resolve, reject } = Promise.withResolvers<Said>()
    const waiter = {
      take: (said: Said) => (isMeant(said) ? resolve(said) : undefined),
      fail: reject,
    }
    const onAbort = (): void => reject(this.#signal.reason as Error)
    this.#signal.addEventListener('abort', onAbort)
    this.#waiters.add(waiter)
    return promise.finally(() => {
      this.#waiters.delete(waiter)
      this.#signal.removeEventListener('abort', onAbort)
    })
  }

  #hear(line: string): void {
    const said = JSON.parse(line) as Said
    if (said.log !== undefined) this.#lastLog = said.log
    if (said.state !== undefined) {
      this.states.push(said as unknown as StateSeen)
      this.#lastLog = line
    }
    for (const waiter of this.#waiters) waiter.take(said)
  }
}

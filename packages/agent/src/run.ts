import { readFile } from 'node:fs/promises'
import {
  errorText,
  LandfallError,
  type AgentPollAnswer,
  type AgentRuntimeConfiguration,
} from '@landfall/model'
import {
  readJson,
  readSettings,
  stateDirOf,
  writeFileAtomic,
  type AgentFiles,
  type AgentSettings,
  type AgentStatus,
} from './agent-files.ts'
import type { AgentLog } from './agent-log.ts'
import { KERNEL_DISK_SOURCES } from './block-devices.ts'
import { watchGuest, type LookAtGuest, type Seen } from './guest/guest-watch.ts'
import { Commands } from './running/commands.ts'
import { DiskWrites } from './running/disk-writes.ts'
import { ReplicationControl, type StartReplicator } from './running/replication-control.ts'
import { UnreplicatedDisks } from './running/unreplicated-disks.ts'
import { pause, Wakeup } from './running/wakeup.ts'
import { AgentClient } from './service-client/agent-client.ts'
import { HttpsTransport } from './service-client/https-transport.ts'

/** Between reports; the dashboards of the service are as fresh as this. */
const REPORT_MS = 2000
const REPORT_WHILE_CHANGING_MS = 1000
/** How long after a change of state the state counts as changing. */
const CHANGING_MS = 10_000
/** Changes that come together are told together. */
const REPORT_GATHER_MS = 100

const RETRY_MS_MIN = 1000
const RETRY_MS_MAX = 30_000

/** A poll that brings nothing new at once is repeated after this: a service may not hold polls. */
const POLL_PAUSE_MS = 1000

/**
 * A disconnected agent uninstalls after this, whatever does not end: MGN's own is gone within ten
 * minutes. The longest of what is waited for are a few hooks' thaws.
 */
const DISCONNECT_MS_MAX = 180_000

export interface RunOptions {
  readonly files: AgentFiles
  readonly startReplicator: StartReplicator
  readonly lookAtGuest: LookAtGuest
  readonly log: AgentLog
  /** Aborted: stop cleanly. */
  readonly signal: AbortSignal
  readonly disconnectMsMax?: number
}

/**
 * The agent's life: does what the service wants until the signal is aborted (`stopped`) or the
 * service disconnects this server (`disconnected`: tracking is disposed of, and the caller removes
 * the installation). Keeps replicating, by the last configuration heard, while the service is down.
 */
export async function runAgent(options: RunOptions): Promise<'stopped' | 'disconnected'> {
  const { files, log } = options
  const settings = await readSettings(files)
  if (settings === undefined) {
    throw new LandfallError('not_found', `No agent in ${files.installDir}. Run the installer.`)
  }
  const tls = await readTls(files)
  log.log(`Agent ${settings.agentVersion} of ${settings.sourceServerID} starts, pid ${process.pid}`)
  const run = new AgentRun({ ...options, settings, tls })
  const end = await run.live()
  log.log(`Agent ends: ${end}`)
  await log.flush()
  return end
}

type Tls = { keyPem: string; certificatePem: string; caPem: string }

async function readTls(files: AgentFiles): Promise<Tls> {
  const [keyPem, certificatePem, caPem] = await Promise.all(
    [files.key, files.certificate, files.ca].map((path) => readFile(path, 'utf8')),
  )
  return { keyPem: keyPem ?? '', certificatePem: certificatePem ?? '', caPem: caPem ?? '' }
}

/** One run: five loops over the same state, ended together. */
class AgentRun {
  readonly #files: AgentFiles
  readonly #log: AgentLog
  readonly #settings: AgentSettings
  readonly #client: AgentClient
  readonly #control: ReplicationControl
  readonly #commands: Commands
  readonly #reportNews = new Wakeup()
  readonly #disconnected = new AbortController()
  readonly #signal: AbortSignal
  readonly #writes: DiskWrites
  readonly #disconnectMsMax: number
  readonly #unreplicated: UnreplicatedDisks
  readonly #lookAtGuest: LookAtGuest
  #status: AgentStatus = { pid: process.pid }
  #configurationText = ''
  #changedAt = 0
  #lastCallFailure = ''

  constructor(options: RunOptions & { settings: AgentSettings; tls: Tls }) {
    const { files, log, settings, tls } = options
    this.#files = files
    this.#log = log
    this.#settings = settings
    this.#lookAtGuest = options.lookAtGuest
    this.#disconnectMsMax = options.disconnectMsMax ?? DISCONNECT_MS_MAX
    this.#signal = AbortSignal.any([options.signal, this.#disconnected.signal])
    this.#client = new AgentClient(
      new HttpsTransport({
        endpoint: new URL(settings.endpoint),
        caPem: tls.caPem,
        clientCertificate: tls,
        ...(settings.proxy === undefined ? {} : { proxy: new URL(settings.proxy) }),
      }),
    )
    this.#control = new ReplicationControl({
      fixed: {
        sourceServerID: settings.sourceServerID,
        disks: settings.disks,
        diskIdentities: settings.diskIdentities ?? {},
        tls,
        stateDir: stateDirOf(settings.sourceServerID),
        log: log.log,
      },
      start: options.startReplicator,
      onChange: () => this.#stateChanged(),
    })
    this.#commands = new Commands({
      control: this.#control,
      log: log.log,
      onResult: () => this.#reportNews.wake(),
    })
    this.#unreplicated = new UnreplicatedDisks({
      sources: KERNEL_DISK_SOURCES,
      replicated: settings.disks,
      leftOut: settings.leftOut,
      log: log.log,
      onChange: () => this.#stateChanged(),
    })
    this.#writes = new DiskWrites({
      log,
      isHeld: () => this.#control.progress().state === 'CREATING_SNAPSHOT',
    })
  }

  async live(): Promise<'stopped' | 'disconnected'> {
    await using _writes = this.#writes
    this.#writeStatus({ pid: process.pid })
    const tooLate = Promise.withResolvers<void>()
    let timer: NodeJS.Timeout | undefined
    const { signal: disconnected } = this.#disconnected
    disconnected.addEventListener('abort', () => {
      timer = setTimeout(() => {
        this.#log.log('Something does not end: uninstalling all the same')
        tooLate.resolve()
      }, this.#disconnectMsMax)
    })
    try {
      await Promise.race([this.#work(), tooLate.promise])
      return disconnected.aborted ? 'disconnected' : 'stopped'
    } finally {
      clearTimeout(timer)
      this.#client.close()
    }
  }

  /** Everything from the first poll to the last word. */
  async #work(): Promise<void> {
    await Promise.all([
      this.#pollLoop(),
      this.#reportLoop(),
      this.#control.run(this.#signal),
      this.#watchGuest(),
    ])
    await this.#commands.stop()
    const disconnected = this.#disconnected.signal.aborted
    if (disconnected || (await readJson(this.#files.uninstalling)) !== undefined) {
      await this.#control.dispose()
    } else {
      await this.#control.stop()
    }
    if (disconnected) await this.#sayGoodbye()
  }

  async #pollLoop(): Promise<void> {
    let first = true
    let retryMs = RETRY_MS_MIN
    while (!this.#signal.aborted) {
      try {
        const answer = await this.#client.poll(this.#settings.sourceServerID, {
          ...(first ? { waitSeconds: 0 } : {}),
          signal: this.#signal,
        })
        this.#serviceAnswered(first)
        retryMs = RETRY_MS_MIN
        if (!this.#take(answer) && !first) {
          await pause(POLL_PAUSE_MS, this.#signal)
        }
        first = false
      } catch (error) {
        if (this.#signal.aborted) return
        this.#serviceFailed(error)
        if (this.#control.desired === undefined) await this.#applyRemembered()
        await pause(retryMs, this.#signal)
        retryMs = Math.min(retryMs * 2, RETRY_MS_MAX)
      }
    }
  }

  /** Follows an answer; true when it brought something new. */
  #take(answer: AgentPollAnswer): boolean {
    const { configuration, commands } = answer
    if (configuration.desired === 'DISCONNECTED') {
      this.#log.log('The service disconnects this server: uninstalling')
      this.#control.apply(configuration)
      this.#disconnected.abort()
      return true
    }
    const text = JSON.stringify(configuration)
    const changed = text !== this.#configurationText
    if (changed) {
      this.#configurationText = text
      this.#control.apply(configuration)
      this.#writes.request('configuration', () => writeFileAtomic(this.#files.configuration, text))
    }
    return this.#commands.accept(commands) || changed
  }

  async #applyRemembered(): Promise<void> {
    const remembered = await readJson(this.#files.configuration).catch(() => undefined)
    if (remembered === undefined) return
    this.#log.log('The service does not answer: replicating by the last configuration')
    this.#control.apply(remembered as AgentRuntimeConfiguration)
  }

  async #reportLoop(): Promise<void> {
    let retryMs = RETRY_MS_MIN
    while (!this.#signal.aborted) {
      const changing = Date.now() - this.#changedAt < CHANGING_MS
      let waitMs = changing ? REPORT_WHILE_CHANGING_MS : REPORT_MS
      try {
        // Until the service said what it wants, there is no state to report.
        if (this.#control.desired !== undefined) await this.#report()
        retryMs = RETRY_MS_MIN
      } catch (error) {
        if (this.#signal.aborted) return
        this.#serviceFailed(error)
        waitMs = retryMs
        retryMs = Math.min(retryMs * 2, RETRY_MS_MAX)
      }
      await this.#reportNews.wait({ timeoutMs: waitMs, signal: this.#signal })
      await pause(REPORT_GATHER_MS, this.#signal)
    }
  }

  async #report(): Promise<void> {
    const results = this.#commands.results()
    const mismatches = this.#control.mismatches()
    const { sourceServerID } = this.#settings
    await this.#unreplicated.look()
    const unreplicatedDisks = this.#unreplicated.names
    const report = { sourceServerID, ...this.#control.progress(), results }
    await this.#client.report(
      {
        ...report,
        mismatches,
        ...(unreplicatedDisks.length === 0 ? {} : { unreplicatedDisks }),
      },
      this.#signal,
    )
    this.#commands.taken(results)
    this.#control.mismatchesTaken(mismatches)
  }

  async #watchGuest(): Promise<void> {
    const { sourceServerID } = this.#settings
    const options = {
      look: this.#lookAtGuest,
      tell: async (seen: Seen, lookedAt: Date, signal: AbortSignal) => {
        const guest = { lookedAt: lookedAt.toISOString(), ...seen }
        await this.#client.tellGuestFacts({ sourceServerID, guest }, signal)
      },
      log: this.#log.log,
      now: () => new Date(),
    }
    await watchGuest(options, this.#signal)
  }

  /**
   * The last report, so that the service sees the agent go. It may be deleted already: no matter.
   */
  async #sayGoodbye(): Promise<void> {
    const { sourceServerID } = this.#settings
    try {
      await this.#client.report({ sourceServerID, ...this.#control.progress(), results: [] })
    } catch (error) {
      this.#log.log(`The service did not take the last report: ${errorText(error)}`)
    }
  }

  #stateChanged(): void {
    this.#changedAt = Date.now()
    this.#reportNews.wake()
  }

  #serviceAnswered(first: boolean): void {
    if (this.#lastCallFailure !== '') this.#log.log('The service answers again')
    this.#lastCallFailure = ''
    if (!first) return
    this.#writeStatus({ pid: process.pid, polledAt: new Date().toISOString() })
    this.#reportNews.wake()
  }

  #serviceFailed(error: unknown): void {
    const text = errorText(error)
    if (text === this.#lastCallFailure) return
    this.#lastCallFailure = text
    this.#log.log(`The service cannot be asked, trying again: ${text}`)
    if (this.#status.polledAt === undefined) this.#writeStatus({ pid: process.pid, error: text })
  }

  #writeStatus(status: AgentStatus): void {
    this.#status = status
    this.#writes.request('status', () =>
      writeFileAtomic(this.#files.status, JSON.stringify(status)),
    )
  }
}

import {
  type AgentReplicationReport,
  type CommandResult,
  type DataReplicationState,
  REPLICATION_STAGES,
  replicationFailure,
  type StageReport,
} from '@landfall/model'
import { type Behaviour, STEADY } from './behaviour.ts'

const MIB = 1024 ** 2
const SECOND_MS = 1000
/** Nothing is done while nobody asks: the past is told in leaps. */
const MOVED_SECONDS_MAX = 15

/** An agent that cannot connect tries again after this. */
const NEXT_ATTEMPT_SECONDS = 45

/** What of the backlog is there on average, and how fast it wanders. */
const BACKLOG_MIB = { steady: 3, lagging: 900 }

interface Disk {
  readonly deviceName: string
  readonly bytes: number
}

/** The replication of a played source server, as its agent tells it. */
export class PlayedAgent {
  readonly sourceServerID: string
  readonly disks: readonly Disk[]
  readonly #now: () => Date
  #behaviour: Behaviour
  /** Of all disks, what has been read or compared, 0 to 1. */
  #share = 1
  #backlogMiB = 0
  #readBytes = 0
  #movedAt: number
  readonly #startedAt: string

  constructor(options: {
    readonly sourceServerID: string
    readonly disks: readonly Disk[]
    readonly behaviour: Behaviour
    readonly now: () => Date
  }) {
    this.sourceServerID = options.sourceServerID
    this.disks = options.disks
    this.#now = options.now
    this.#behaviour = options.behaviour
    this.#movedAt = options.now().getTime()
    this.turn(options.behaviour)
    this.#startedAt = options.now().toISOString()
  }

  get behaviour(): Behaviour {
    return this.#behaviour
  }

  /** From now on it goes so. */
  turn(behaviour: Behaviour): void {
    this.#behaviour = behaviour
    this.#share = 'fromShare' in behaviour ? behaviour.fromShare : 1
    this.#movedAt = this.#now().getTime()
  }

  /** What it tells now, after what has been done since it last told something. */
  report(results: readonly CommandResult[] = []): AgentReplicationReport {
    this.#move()
    const state = this.#state()
    return {
      sourceServerID: this.sourceServerID,
      state,
      ...this.#trouble(),
      disks: this.#progress(),
      readBytes: this.#readBytes,
      wireBytes: Math.round(this.#readBytes * 0.4),
      lagSeconds: Math.round(this.#backlogMiB) / 10,
      ...this.#eta(),
      stages: this.#stages(),
      scrub: this.#scrub(),
      results,
    }
  }

  #move(): void {
    const now = this.#now().getTime()
    const seconds = Math.min((now - this.#movedAt) / SECOND_MS, MOVED_SECONDS_MAX)
    this.#movedAt = now
    const behaviour = this.#behaviour
    const mean = behaviour.kind === 'lagging' ? BACKLOG_MIB.lagging : BACKLOG_MIB.steady
    this.#backlogMiB = Math.max(0, (this.#backlogMiB + mean) / 2 + (Math.random() - 0.5) * mean)
    if (behaviour.kind !== 'steady') this.#readBytes += Math.round(seconds * MIB)
    if (behaviour.kind !== 'syncing' && behaviour.kind !== 'rescanning') return
    const moved = behaviour.mibPerSecond * MIB * seconds * (0.8 + Math.random() * 0.4)
    this.#readBytes += Math.round(moved)
    this.#share = Math.min(1, this.#share + moved / this.#totalBytes())
    if (this.#share === 1) this.#behaviour = STEADY
  }

  #totalBytes(): number {
    return this.disks.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  #state(): DataReplicationState {
    const { kind } = this.#behaviour
    if (kind === 'syncing') return 'INITIAL_SYNC'
    if (kind === 'rescanning') return 'RESCAN'
    if (kind === 'lagging') return 'BACKLOG'
    return kind === 'stalled' ? 'STALLED' : 'CONTINUOUS'
  }

  #trouble(): Pick<AgentReplicationReport, 'error' | 'nextAttemptSeconds'> {
    const behaviour = this.#behaviour
    if (behaviour.kind === 'lagging' && behaviour.isTold) {
      const cause = '61 MiB a second are written, and 38 pass the slowest stage (wire)'
      return { error: replicationFailure('NOT_CONVERGING', cause) }
    }
    if (behaviour.kind !== 'stalled' || behaviour.by !== 'agent') return { error: null }
    const error = replicationFailure(behaviour.error, behaviour.cause)
    return { error, nextAttemptSeconds: NEXT_ATTEMPT_SECONDS }
  }

  /** Disk after disk. */
  #progress(): AgentReplicationReport['disks'] {
    const { kind } = this.#behaviour
    let left = this.#share * this.#totalBytes()
    return this.disks.map(({ deviceName, bytes }, index) => {
      const done = Math.round(Math.min(bytes, left))
      left -= done
      return {
        deviceName,
        totalStorageBytes: bytes,
        replicatedStorageBytes: kind === 'syncing' ? done : bytes,
        rescannedStorageBytes: kind === 'rescanning' ? done : 0,
        backloggedStorageBytes: index === 0 ? Math.round(this.#backlogMiB * MIB) : 0,
      }
    })
  }

  #eta(): { etaSeconds?: number } {
    const behaviour = this.#behaviour
    if (!('mibPerSecond' in behaviour)) return {}
    const bytes = (1 - this.#share) * this.#totalBytes()
    return { etaSeconds: Math.ceil(bytes / (behaviour.mibPerSecond * MIB)) }
  }

  #stages(): StageReport {
    const behaviour = this.#behaviour
    const isBusy = 'mibPerSecond' in behaviour
    const slowest = isBusy ? behaviour.slowest : behaviour.kind === 'lagging' ? 'wire' : undefined
    const rate = (isBusy ? behaviour.mibPerSecond : slowest === 'wire' ? 38 : 1) * MIB
    const loads = REPLICATION_STAGES.map((stage) => ({
      stage,
      bytesPerSecond: Math.round(rate * (stage === 'wire' ? 0.4 : 1) * (0.9 + Math.random() * 0.2)),
      utilisation: stage === slowest ? 0.97 : slowest === undefined ? 0.02 : 0.3,
    }))
    if (slowest === undefined) return { loads, bottleneck: null }
    const sentence = `${slowest} lets ${Math.round(rate / MIB)} MiB/s through and is busy 97 % of the time`
    return { loads, bottleneck: { stage: slowest, sentence } }
  }

  #scrub(): NonNullable<AgentReplicationReport['scrub']> {
    return {
      bytesPerSecond: 4 * MIB,
      startedAt: this.#startedAt,
      disks: this.disks.map(({ deviceName, bytes }) => ({
        deviceName,
        totalBytes: bytes,
        verifiedBytes: Math.round(bytes * this.#share * 0.6),
        unrepairedBytes: 0,
      })),
    }
  }
}

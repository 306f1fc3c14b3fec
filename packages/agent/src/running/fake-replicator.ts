import type { DataReplicationState, PointDescription, VerificationReport } from '@landfall/model'
import type { Replicator, ReplicatorOptions } from '../replicator.ts'
import { Mismatches } from '../replication/mismatches.ts'
import type { Progress } from './replication-control.ts'

/** For tests: a replicator that moves no data and remembers what it was told. */
export class FakeReplicator implements Replicator {
  readonly options: ReplicatorOptions
  readonly points: string[] = []
  readonly throttles: number[] = []
  readonly scrubRates: (number | undefined)[] = []
  readonly proof = {
    mismatches: new Mismatches(() => undefined),
    setRate: (bytesPerSecond: number | undefined) => void this.scrubRates.push(bytesPerSecond),
  }
  stopped = 0
  disposed = 0
  state: DataReplicationState = 'CONTINUOUS'
  /** Awaited by createPoint. */
  gate: Promise<void> = Promise.resolve()
  #listeners: (() => void)[] = []

  constructor(options: ReplicatorOptions) {
    this.options = options
  }

  progress(): Progress {
    return {
      state: this.state,
      error: null,
      disks: [],
      readBytes: 1,
      wireBytes: 1,
      lagSeconds: 0,
    }
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener)
  }

  setState(state: DataReplicationState): void {
    this.state = state
    for (const listener of this.#listeners) listener()
  }

  async createPoint(pointID: string): Promise<PointDescription> {
    this.points.push(pointID)
    await this.gate
    return {
      pointID,
      consistency: 'filesystem',
      frozen: [],
      notFrozen: [],
      freezeMs: 0,
      takenAt: new Date(0).toISOString(),
    }
  }

  async verify(): Promise<VerificationReport> {
    return { disks: [] }
  }

  setThrottle(mbps: number): void {
    this.throttles.push(mbps)
  }

  async stop(): Promise<void> {
    this.stopped += 1
  }

  async dispose(): Promise<void> {
    this.disposed += 1
  }
}

import type { AgentReplicationReport } from '@landfall/model'
import type { DataReplicationInfo } from '../source-servers/replication-view.ts'

/** How long until a point can be taken, and by what that is known; or why nobody knows. */
export type CatchUp =
  | { readonly seconds: number; readonly explanation: string }
  | { readonly unknown: string }

interface Replication {
  readonly info: DataReplicationInfo
  readonly report: AgentReplicationReport | null
}

const MIB = 1024 * 1024

/**
 * What has to be sent before a point is taken: by the agent's own estimate where it has one, else
 * by the backlog and the rate at which the replica takes it now.
 */
export function catchUp({ info, report }: Replication, now: Date): CatchUp {
  const { dataReplicationState: state, etaDateTime, dataReplicationError: error } = info
  if (!WAITED_FOR.has(state)) {
    const why = error === undefined ? '' : ` (${error.error})`
    return { unknown: `Data replication is ${state}${why}, so no point can be taken.` }
  }
  const bytes = remainingBytes(info)
  if (bytes === 0) return { seconds: 0, explanation: 'There is no backlog.' }
  const backlog = `${mebibytes(bytes)} have to be sent`
  if (etaDateTime !== undefined) {
    const seconds = Math.max(0, (Date.parse(etaDateTime) - now.getTime()) / 1000)
    return { seconds, explanation: `${backlog}; this is the agent’s estimate.` }
  }
  const rate = report?.stages?.loads.find(({ stage }) => stage === 'apply')?.bytesPerSecond ?? 0
  if (rate > 0) {
    const explanation = `${backlog}, and the replica takes ${mebibytes(rate)} per second now.`
    return { seconds: bytes / rate, explanation }
  }
  // In continuous replication what is left is less than what a point itself sends.
  if (state === 'CONTINUOUS') return { seconds: 0, explanation: `${backlog}, with the point.` }
  return { unknown: `${backlog}, and no data flows at this moment.` }
}

/** The states that end by themselves with a server that can have a point. */
const WAITED_FOR: ReadonlySet<string> = new Set([
  'INITIAL_SYNC',
  'BACKLOG',
  'RESCAN',
  'CREATING_SNAPSHOT',
  'CONTINUOUS',
])

function remainingBytes({ dataReplicationState: state, replicatedDisks }: DataReplicationInfo) {
  return replicatedDisks.reduce((sum, disk) => {
    const { totalStorageBytes: total, backloggedStorageBytes: backlog } = disk
    if (state === 'INITIAL_SYNC') return sum + backlog + total - disk.replicatedStorageBytes
    if (state === 'RESCAN') return sum + backlog + total - disk.rescannedStorageBytes
    return sum + backlog
  }, 0)
}

function mebibytes(bytes: number): string {
  return `${Math.max(1, Math.round(bytes / MIB))} MiB`
}

import { setTimeout as sleep } from 'node:timers/promises'
import { type AgentReplicationReport, LandfallError } from '@landfall/model'
import type { ServiceClient } from '../service-client/service-client.ts'
import { backlogBytes, progressPercent } from '../status/server-view.ts'
import { type SourceServer, getSourceServer } from '../status/source-servers.ts'
import { formatBytes, formatDuration } from '../table.ts'
import { type Scene, present } from './scene.ts'
import { requireState } from './server-seen.ts'
import type { Stage } from './story.ts'

const POLL_MS = 2_000

export const REPLICATION_STAGES: readonly Stage<Scene>[] = [
  { steps: 'B-3 B-4 B-5', title: 'initial sync, while the writer writes', tell: replicate },
]

async function replicate(scene: Scene): Promise<string> {
  const { context } = scene
  const client = present(scene, 'client')
  const sourceServerID = present(scene, 'sourceServerID')
  for (;;) {
    const server = await getSourceServer(client, sourceServerID, context.signal)
    if (server.lifeCycle?.state === 'READY_FOR_TEST') break
    requireNoStall(server)
    context.output.progress(`      ${progressLine(server)}`)
    await sleep(POLL_MS, undefined, { signal: context.signal })
  }
  await requireState(scene, 'READY_FOR_TEST')
  const { readBytes, wireBytes } = await traffic(client, sourceServerID, context.signal)
  return (
    `${formatBytes(readBytes)} read, ${formatBytes(wireBytes)} on the wire; ` + 'Ready for testing'
  )
}

/** What the agent has read and sent since it started. */
export async function traffic(client: ServiceClient, sourceServerID: string, signal: AbortSignal) {
  const { report } = await client.landfall<{ report: AgentReplicationReport | null }>(
    'DescribeReplication',
    { sourceServerID },
    signal,
  )
  return { readBytes: report?.readBytes ?? 0, wireBytes: report?.wireBytes ?? 0 }
}

function progressLine(server: SourceServer): string {
  const info = server.dataReplicationInfo
  const disks = info?.replicatedDisks ?? []
  const state = info?.dataReplicationState ?? 'not reported yet'
  const step = info?.dataReplicationInitiation?.steps?.find((one) => one.status === 'IN_PROGRESS')
  if (state === 'INITIATING' && step !== undefined) return `B-3  ${state}: ${step.name}`
  const eta = info?.etaDateTime
  const left =
    eta === undefined ? '' : `, ETA ${formatDuration((Date.parse(eta) - Date.now()) / 1000)}`
  const backlog = backlogBytes(disks)
  const behind = backlog === 0 ? '' : `, backlog ${formatBytes(backlog)}`
  return `B-4  ${state}: ${progressPercent(disks)} %${behind}${left}`
}

/** A stall may pass by itself; what the service has given up on does not. */
function requireNoStall(server: SourceServer): void {
  const info = server.dataReplicationInfo
  if (info?.dataReplicationState !== 'STALLED' && info?.dataReplicationState !== 'DISCONNECTED')
    return
  const { error, rawError } = info.dataReplicationError ?? {}
  throw new LandfallError(
    'unavailable',
    `Replication is ${info.dataReplicationState}: ${error ?? 'no error given'} ${rawError ?? ''}`,
  )
}

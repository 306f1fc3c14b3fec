import { LandfallError, type DataReplicationState, type LifecycleState } from '@landfall/model'
import type { FirstBoot } from '@landfall/model'
import type { ServiceClient } from '../service-client/service-client.ts'

/** The members of MGN's SourceServer that the command line shows. */
export interface SourceServer {
  readonly sourceServerID: string
  readonly isArchived?: boolean
  readonly launchedInstance?: {
    readonly ec2InstanceID?: string
    readonly jobID?: string
    readonly firstBoot?: FirstBoot
  }
  readonly lifeCycle?: {
    readonly state?: LifecycleState
    readonly lastSeenByServiceDateTime?: string
  }
  readonly dataReplicationInfo?: DataReplicationInfo
  readonly sourceProperties?: {
    readonly identificationHints?: { readonly hostname?: string; readonly fqdn?: string }
    readonly os?: { readonly fullString?: string }
  }
}

export interface DataReplicationInfo {
  readonly dataReplicationState?: DataReplicationState
  readonly lagDuration?: string
  readonly etaDateTime?: string
  readonly lastSnapshotDateTime?: string
  readonly dataReplicationError?: { readonly error?: string; readonly rawError?: string }
  readonly dataReplicationInitiation?: {
    readonly nextAttemptDateTime?: string
    readonly steps?: readonly { readonly name?: string; readonly status?: string }[]
  }
  readonly replicatedDisks?: readonly ReplicatedDisk[]
}

export interface ReplicatedDisk {
  readonly deviceName?: string
  readonly totalStorageBytes?: number
  readonly replicatedStorageBytes?: number
  readonly rescannedStorageBytes?: number
  readonly backloggedStorageBytes?: number
}

/** All source servers, or those asked for, archived ones included; every page of them. */
export async function listSourceServers(
  client: ServiceClient,
  sourceServerIDs: readonly string[],
  signal: AbortSignal,
): Promise<SourceServer[]> {
  const filters = sourceServerIDs.length === 0 ? {} : { sourceServerIDs }
  const found: SourceServer[] = []
  let nextToken: string | undefined
  do {
    const page: { items: SourceServer[]; nextToken?: string } = await client.mgn(
      'DescribeSourceServers',
      { filters, ...(nextToken === undefined ? {} : { nextToken }) },
      signal,
    )
    found.push(...page.items)
    nextToken = page.nextToken
  } while (nextToken !== undefined)
  return found
}

/** One source server; `not_found` when the service does not know it. */
export async function getSourceServer(
  client: ServiceClient,
  sourceServerID: string,
  signal: AbortSignal,
): Promise<SourceServer> {
  const [server] = await listSourceServers(client, [sourceServerID], signal)
  if (server !== undefined) return server
  throw new LandfallError(
    'not_found',
    `The service knows no source server ${sourceServerID}: \`landfall status\` lists them.`,
  )
}

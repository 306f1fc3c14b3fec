import type {
  DataReplicationState,
  InitiationStep,
  InitiationStepStatus,
  LifecycleState,
  NextStep,
  ServerAction,
} from '@landfall/model'

/** MGN's SourceServer with what SearchSourceServers adds; moments are ISO 8601 in UTC. */
export interface SourceServer {
  readonly sourceServerID: string
  readonly arn: string
  readonly isArchived: boolean
  readonly tags: Readonly<Record<string, string>>
  readonly applicationID?: string
  readonly applicationName?: string
  readonly waveID?: string
  readonly waveName?: string
  readonly userProvidedID?: string
  readonly fqdnForActionFramework?: string
  readonly launchedInstance?: {
    readonly ec2InstanceID: string
    readonly jobID: string
    readonly firstBoot: string
  }
  readonly lifeCycle: {
    readonly state: LifecycleState
    readonly addedToServiceDateTime: string
    readonly firstByteDateTime?: string
    readonly elapsedReplicationDuration?: string
    readonly lastSeenByServiceDateTime?: string
    readonly lastTest: LaunchHistory
    readonly lastCutover: LaunchHistory
  }
  readonly dataReplicationInfo: DataReplicationInfo
  readonly sourceProperties: SourceProperties
  readonly nextStep: NextStep
  /** Why operations would be refused now; what is not in it is possible. */
  readonly refusals: Partial<Readonly<Record<ServerAction, string>>>
  readonly desiredReplication: string
}

export interface LaunchHistory {
  readonly initiated?: { readonly apiCallDateTime: string; readonly jobID: string }
  readonly reverted?: { readonly apiCallDateTime: string }
  readonly finalized?: { readonly apiCallDateTime: string }
}

export interface DataReplicationInfo {
  readonly dataReplicationState: DataReplicationState
  /** ISO 8601 duration; absent: there is no point to launch from. */
  readonly lagDuration?: string
  readonly etaDateTime?: string
  readonly lastSnapshotDateTime?: string
  readonly replicatedDisks: readonly ReplicatedDisk[]
  readonly dataReplicationInitiation?: {
    readonly startDateTime?: string
    readonly nextAttemptDateTime?: string
    readonly steps: readonly {
      readonly name: InitiationStep
      readonly status: InitiationStepStatus
    }[]
  }
  readonly dataReplicationError?: { readonly error: string; readonly rawError?: string }
}

export interface ReplicatedDisk {
  readonly deviceName: string
  readonly totalStorageBytes: number
  readonly replicatedStorageBytes: number
  readonly rescannedStorageBytes: number
  readonly backloggedStorageBytes: number
}

interface SourceProperties {
  readonly lastUpdatedDateTime: string
  readonly recommendedInstanceType?: string
  readonly identificationHints: {
    readonly hostname?: string
    readonly fqdn?: string
    readonly vmWareUuid?: string
  }
  readonly networkInterfaces?: readonly {
    readonly macAddress: string
    readonly ips: readonly string[]
    readonly isPrimary: boolean
  }[]
  readonly disks?: readonly { readonly deviceName: string; readonly bytes: number }[]
  readonly cpus?: readonly { readonly cores: number; readonly modelName: string }[]
  readonly ramBytes?: number
  readonly os?: { readonly fullString: string }
}

/** How a server is called, as in the service's lists. */
export function serverName(server: SourceServer): string {
  const { hostname, fqdn } = server.sourceProperties.identificationHints
  return hostname || fqdn || server.userProvidedID || server.sourceServerID
}

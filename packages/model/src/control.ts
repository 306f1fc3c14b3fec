import type { ErrorCode } from './errors.ts'
import type { DataReplicationError, DataReplicationState } from './replication.ts'
import type { PointDisk, PointRecord } from './points.ts'

/**
 * The control shapes: what agent and replication server say to the service and hear from it. The
 * action names are MGN's (`…ForMgn`); their shapes are not public, so these are our own.
 */

// ---- the source server as the agent sees it
// ------------------------------------------------------

export interface SourceDisk {
  readonly deviceName: string
  readonly bytes: number
  readonly isBootDisk: boolean
}

/** IPv4 settings of a network interface as they are in force on the source. */
export interface InterfaceSettings {
  /** With prefix length (`192.0.2.10/24`), the primary one first. */
  readonly addresses: readonly string[]
  readonly gateway?: string
  /** Besides the default one: by a gateway to a network, with prefix length. */
  readonly routes: readonly { readonly destination: string; readonly gateway: string }[]
  readonly nameServers: readonly string[]
  readonly searchDomains: readonly string[]
}

/** MGN's `sourceProperties`, without what only the service adds. */
export interface SourceProperties {
  readonly identificationHints: { readonly hostname: string; readonly fqdn: string }
  readonly networkInterfaces: readonly {
    /**
     * Interface name on the source (`ens3`); the launch plan keeps it. Not part of the public API.
     */
    readonly name: string
    readonly macAddress: string
    readonly ips: readonly string[]
    readonly isPrimary: boolean
    /** Not part of the public API; an agent that is older does not tell. */
    readonly settings?: InterfaceSettings
  }[]
  readonly disks: readonly SourceDisk[]
  readonly cpus: readonly { readonly cores: number; readonly modelName: string }[]
  readonly ramBytes: number
  readonly os: { readonly fullString: string }
  readonly firmware: 'bios' | 'uefi'
  /** UEFI runs only what is signed. Absent: an earlier agent did not look. */
  readonly secureBoot?: boolean
}

// ---- installer (SigV4 with the installer's access key)
// -------------------------------------------

export interface InstallationAssets {
  readonly agentVersion: string
  readonly region: string
  readonly accountID: string
  readonly caCertificatePem: string
  /** Where port 1500 is to be tried, in this order. */
  readonly replicationAddresses: readonly string[]
  readonly replicationPort: number
  /** The service's clock, ISO 8601, for the installer's clock check. */
  readonly serviceTime: string
}

export interface AgentRegistration {
  /** Stable for the machine across reinstalls: derived from its MAC addresses. */
  readonly machineIdentity: string
  readonly sourceProperties: SourceProperties
  readonly tags: Readonly<Record<string, string>>
  readonly userProvidedID?: string
  readonly noReplication: boolean
  readonly agentVersion: string
}

export interface AgentRegistered {
  readonly sourceServerID: string
  readonly arn: string
}

/** IssueClientCertificateForMgn. The private key never leaves the source server. */
export interface CertificateRequest {
  readonly sourceServerID: string
  /** SubjectPublicKeyInfo, PEM. */
  readonly publicKeyPem: string
}

export interface CertificateIssued {
  readonly certificatePem: string
  readonly caCertificatePem: string
}

// ---- running agent (mutual TLS; certificate bound to the source server ID)
// -----------------------

export interface AgentRuntimeConfiguration {
  /** Whether data should flow. DISCONNECTED: uninstall yourself. */
  readonly desired: 'REPLICATING' | 'PAUSED' | 'STOPPED' | 'DISCONNECTED'
  readonly replicationAddresses: readonly string[]
  readonly replicationPort: number
  /** 0 is unlimited. */
  readonly bandwidthThrottlingMbps: number
  readonly connections: number
  /** Of the background comparison of source and replica; 0: none. Absent: the default. */
  readonly scrubBytesPerSecond?: number
}

export type AgentCommand =
  | { readonly commandID: string; readonly type: 'CREATE_POINT'; readonly pointID: string }
  | {
      readonly commandID: string
      readonly type: 'VERIFY'
      /** Absent: the live volume. */
      readonly pointID?: string
    }

/** GetAgentCommandForMgn: a long poll. */
export interface AgentPoll {
  readonly sourceServerID: string
  readonly waitSeconds: number
}

export interface AgentPollAnswer {
  readonly configuration: AgentRuntimeConfiguration
  readonly commands: readonly AgentCommand[]
}

export interface AgentDiskProgress {
  readonly deviceName: string
  readonly totalStorageBytes: number
  readonly replicatedStorageBytes: number
  readonly rescannedStorageBytes: number
  readonly backloggedStorageBytes: number
  /** Why this disk does not replicate, when it does not. */
  readonly error?: string
}

/**
 * The stages a block passes, in their order. `compress` is all that the agent's CPU does, checksums
 * and encryption too; `apply` and `flush` are the replication server's.
 */
export const REPLICATION_STAGES = ['read', 'compress', 'wire', 'apply', 'flush'] as const

export type ReplicationStage = (typeof REPLICATION_STAGES)[number]

/** How busy one stage was over the last seconds. */
export interface StageLoad {
  readonly stage: ReplicationStage
  /** Bytes of the disk that passed it (for `wire`: bytes on the wire). */
  readonly bytesPerSecond: number
  /** Share of the time in which it had work and let nothing more through, 0 to 1. */
  readonly utilisation: number
}

export interface StageReport {
  readonly loads: readonly StageLoad[]
  /** Null while nothing waits: then nothing is slow. */
  readonly bottleneck: {
    readonly stage: ReplicationStage
    /** For a person, with the figures it follows from. */
    readonly sentence: string
  } | null
}

/**
 * How far the background comparison of source and replica is; moments are ISO 8601 in UTC by the
 * source's clock. A pass looks at every range of every disk. A rescan is one too: it compares all.
 */
export interface ScrubReport {
  /** 0: switched off. */
  readonly bytesPerSecond: number
  /** The present pass. */
  readonly startedAt: string
  readonly disks: readonly {
    readonly deviceName: string
    readonly totalBytes: number
    /** Found equal within the present pass. */
    readonly verifiedBytes: number
    /** Found different at the last look: sent again, and not yet found equal since. */
    readonly unrepairedBytes: number
  }[]
  /** The last whole pass: every range was found equal at `startedAt` or later, but for these. */
  readonly lastPass?: {
    readonly startedAt: string
    readonly endedAt: string
    /** Written at every look, so that nothing could be said of them. */
    readonly changingBytes: number
  }
}

/** Which comparison of source and replica found a mismatch. */
export const MISMATCH_FINDERS = ['SCRUB', 'VERIFICATION'] as const

/**
 * A defect: bytes of source and replica differ though nobody wrote them. It is sent again. Told
 * until the service has it; its ID makes it count once.
 */
export interface Mismatch {
  readonly mismatchID: string
  readonly foundBy: (typeof MISMATCH_FINDERS)[number]
  /** ISO 8601 in UTC, by the source's clock. */
  readonly foundAt: string
  readonly deviceName: string
  /** Where the first of them begin. */
  readonly offset: number
  readonly differentBytes: number
  /** The point that differs; absent: the live replica. */
  readonly pointID?: string
}

/** UpdateAgentReplicationInfoForMgn: sent every few seconds, and at each change of state. */
export interface AgentReplicationReport {
  readonly sourceServerID: string
  readonly state: DataReplicationState
  readonly error: DataReplicationError | null
  readonly disks: readonly AgentDiskProgress[]
  /** Since the agent started. */
  readonly readBytes: number
  readonly wireBytes: number
  /** Seconds since the replica last equalled the source (no backlog); 0 while it does. */
  readonly lagSeconds: number
  /** Seconds until CONTINUOUS at the present rate; absent when unknown. */
  readonly etaSeconds?: number
  /** While the agent waits before it connects to the replication server again. */
  readonly nextAttemptSeconds?: number
  /** Absent before the first session. */
  readonly stages?: StageReport
  /** Absent while there is no replication. */
  readonly scrub?: ScrubReport
  /** Those the service has not taken yet. */
  readonly mismatches?: readonly Mismatch[]
  /** Disks that came after the installation, which nothing replicates; absent without any. */
  readonly unreplicatedDisks?: readonly string[]
  readonly results: readonly CommandResult[]
}

export interface CommandResult {
  readonly commandID: string
  readonly outcome:
    | { readonly ok: true; readonly result: VerificationReport | Record<string, never> }
    | { readonly ok: false; readonly error: string }
}

/** What a comparison of source and replica by hashes found. */
export interface VerificationReport {
  readonly disks: readonly {
    readonly deviceName: string
    readonly comparedBytes: number
    readonly equalBytes: number
    /** Written on the source since the point or while comparing: not comparable now. */
    readonly changedBytes: number
    /** Differs and was not written meanwhile: a defect. Offsets of the first ranges. */
    readonly differentBytes: number
    readonly differentOffsets: readonly number[]
  }[]
}

/** UpdateAgentConversionInfoForMgn: an instance says that it booted. */
export interface FirstBootReport {
  readonly instanceID: string
  /** One-time token the conversion put into the instance's disk. */
  readonly token: string
  readonly hostname: string
}

/** What the conversion writes to `/var/lib/landfall-agent/instance.json` in the instance. */
export interface InstanceIdentity {
  readonly instanceID: string
  readonly token: string
  readonly endpoint: string
  readonly caCertificatePem: string
}

// ---- replication server (mutual TLS; role certificate) ------------------------------------------

export type StagingCommand = { readonly commandID: string } & (
  | {
      /**
       * Idempotent: existing volumes of the same size stay as they are, smaller ones grow. That of
       * a disk that is not among these, or has shrunk, stays for its points alone.
       */
      readonly type: 'CREATE_VOLUMES'
      readonly sourceServerID: string
      readonly disks: readonly { readonly deviceName: string; readonly sizeBytes: number }[]
    }
  | { readonly type: 'DELETE_VOLUMES'; readonly sourceServerID: string }
  | {
      /**
       * Frees a point by merging the layer above it into its own, while writes go on. A point that
       * is not there is as good as deleted. `conflict` for the newest point, and while this or a
       * later point is pinned: a merge would change layers under what stands on them.
       */
      readonly type: 'DELETE_POINT'
      readonly sourceServerID: string
      readonly pointID: string
    }
  | {
      readonly type: 'PIN_POINT'
      readonly sourceServerID: string
      readonly pointID: string
      readonly pinID: string
    }
  | { readonly type: 'UNPIN_POINT'; readonly pinID: string }
  | {
      /** Pins the point by the instance ID until DISCARD_CONVERSION. */
      readonly type: 'CONVERT'
      readonly sourceServerID: string
      readonly pointID: string
      readonly instanceID: string
      readonly plan: ConversionPlan
    }
  | { readonly type: 'DISCARD_CONVERSION'; readonly instanceID: string }
  | {
      /**
       * Looks into a point's disks for preflight; they are pinned meanwhile. `conflict` when it has
       * to make way for a conversion.
       */
      readonly type: 'INSPECT_POINT'
      readonly sourceServerID: string
      readonly pointID: string
      /** Of encrypted disks; put in on the way out, never stored. */
      readonly passphrases?: readonly string[]
    }
)

/** A command that has no ID yet; for each member of the union by itself. */
export type WithoutCommandID<T> = T extends { readonly commandID: string }
  ? Omit<T, 'commandID'>
  : never

export interface ConversionPlan {
  readonly identity: InstanceIdentity
  /**
   * Interface whose name and role the target's first NIC takes over, with these settings. Without
   * any it asks for them by DHCP.
   */
  readonly primaryInterface?: { readonly name: string; readonly settings?: InterfaceSettings }
  /** Names of the source's other interfaces: the target has none of them. */
  readonly otherInterfaces?: readonly string[]
  readonly targetMac: string
  /** What opens the guest's encrypted disks. Put in when the command is handed out. */
  readonly passphrases?: readonly string[]
}

/** Results by command type; commands without a row answer `{}`. */
export interface StagingResults {
  /** What the guest is made of: `GuestFacts` of the guest package. */
  INSPECT_POINT: { readonly facts: object }
  PIN_POINT: { readonly disks: readonly PointDisk[] }
  CONVERT: {
    /** The instance's own disks (qcow2), writable. */
    readonly disks: readonly { readonly deviceName: string; readonly path: string }[]
  }
}

/** GetChannelCommandsForMgn: a long poll; a command comes again until its result was sent. */
export interface ChannelPoll {
  readonly replicationServerID: string
  readonly waitSeconds: number
}

export interface ChannelPollAnswer {
  readonly commands: readonly StagingCommand[]
  /** Servers whose agents may connect; everyone else is refused. */
  readonly admitted: readonly string[]
}

/** SendChannelCommandResultForMgn. */
export interface ChannelResult {
  readonly commandID: string
  readonly outcome:
    | { readonly ok: true; readonly result: object }
    | {
        readonly ok: false
        readonly error: string
        /** Of an expected failure; `conflict` says that nothing was changed. */
        readonly code?: ErrorCode
      }
}

/** BatchCreateVolumeSnapshotGroupForMgn: a point now exists, durably. May come twice. */
export interface PointCreated {
  readonly point: PointRecord
}

/** NotifyAgentConnectedForMgn and NotifyAgentDisconnectedForMgn. */
export interface AgentPresence {
  readonly sourceServerID: string
  /** On a disconnect: why, when the replication server knows. */
  readonly reason?: string
}

/** UpdateAgentReplicationProcessStateForMgn: the staging area's own trouble with a server. */
export interface StagingTrouble {
  readonly sourceServerID: string
  /** Null: it is over. */
  readonly error: DataReplicationError | null
}

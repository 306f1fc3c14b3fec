import type { Accelerator, Provider } from '@landfall/launch'
import type { Buckets } from './buckets/buckets.ts'
import type { Notifier } from './channel/notifier.ts'
import type { Database } from './database/database.ts'
import type { SecretBox } from './identity/secret-box.ts'
import type { JobQueue } from './jobs/queue.ts'
import type { InstanceNetwork } from './networks/networks.ts'
import type { PreflightSettings } from './preflight/point-inspections.ts'
import type { Quotas } from './quotas.ts'
import type { Timing } from './timing.ts'

/** Signs agents' certificates; the certificate's name is the source server ID. */
export interface AgentCertificateAuthority {
  readonly caCertificatePem: string
  issueAgentCertificate(request: {
    readonly sourceServerID: string
    readonly publicKeyPem: string
  }): Promise<{ readonly certificatePem: string; readonly caCertificatePem: string }>
}

/** What every operation and job needs of the world. */
export interface Dependencies {
  readonly db: Database
  readonly account: { readonly accountID: string; readonly region: string }
  readonly certificateAuthority: AgentCertificateAuthority
  /** Seals what is kept secret at rest. */
  readonly secretBox: SecretBox
  readonly provider: Provider
  /** Where files of the inventory are. */
  readonly buckets: Buckets
  readonly notifier: Notifier
  readonly agent: {
    readonly agentVersion: string
    /** Where an agent tries the replication server, in this order. */
    readonly replicationAddresses: readonly string[]
    readonly replicationPort: number
  }
  readonly instances: {
    /** How an instance in QEMU's own network reaches the service: `https://10.0.2.2:8443`. */
    readonly endpoint: string
    /** And how one in any other network does, if at all. */
    readonly outerEndpoint: string
    /** Makes the one-time tokens of instances; 32 secret bytes that outlive a restart. */
    readonly tokenKey: Uint8Array
    /** Where an instance's console output and screenshot are kept. */
    readonly filesOf: (instanceID: string) => {
      readonly serialLogPath: string
      readonly screenshotPath: string
    }
    readonly accelerator: Accelerator
    /** What an instance can get here at most. */
    readonly host: { readonly cpus: number; readonly ramBytes: number }
  }
  /** What instances can be launched into. */
  readonly networks: readonly InstanceNetwork[]
  readonly quotas: Quotas
  readonly preflight: PreflightSettings
  readonly timing: Timing
  readonly now: () => Date
  /** For what nobody waits for: failures of jobs in the background. */
  readonly log: (message: string) => void
}

/** What operations need besides: jobs are started by putting them into the queue. */
export interface OperationDependencies extends Dependencies {
  readonly jobs: JobQueue
}

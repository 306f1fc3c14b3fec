/** Data replication in MGN's words: states, initiation steps and errors, in the model's order. */
export const DATA_REPLICATION_STATES = [
  'STOPPED',
  'INITIATING',
  'INITIAL_SYNC',
  'BACKLOG',
  'CREATING_SNAPSHOT',
  'CONTINUOUS',
  'PAUSED',
  'RESCAN',
  'STALLED',
  'DISCONNECTED',
] as const

export type DataReplicationState = (typeof DATA_REPLICATION_STATES)[number]

/** The fixed order in which replication is initiated. */
export const INITIATION_STEPS = [
  'WAIT',
  'CREATE_SECURITY_GROUP',
  'LAUNCH_REPLICATION_SERVER',
  'BOOT_REPLICATION_SERVER',
  'AUTHENTICATE_WITH_SERVICE',
  'DOWNLOAD_REPLICATION_SOFTWARE',
  'CREATE_STAGING_DISKS',
  'ATTACH_STAGING_DISKS',
  'PAIR_REPLICATION_SERVER_WITH_AGENT',
  'CONNECT_AGENT_TO_REPLICATION_SERVER',
  'START_DATA_TRANSFER',
] as const

export type InitiationStep = (typeof INITIATION_STEPS)[number]

export type InitiationStepStatus =
  | 'NOT_STARTED'
  | 'IN_PROGRESS'
  | 'SUCCEEDED'
  | 'FAILED'
  | 'SKIPPED'

export const DATA_REPLICATION_ERRORS = [
  'AGENT_NOT_SEEN',
  'SNAPSHOTS_FAILURE',
  'NOT_CONVERGING',
  'UNSTABLE_NETWORK',
  'FAILED_TO_CREATE_SECURITY_GROUP',
  'FAILED_TO_LAUNCH_REPLICATION_SERVER',
  'FAILED_TO_BOOT_REPLICATION_SERVER',
  'FAILED_TO_AUTHENTICATE_WITH_SERVICE',
  'FAILED_TO_DOWNLOAD_REPLICATION_SOFTWARE',
  'FAILED_TO_CREATE_STAGING_DISKS',
  'FAILED_TO_ATTACH_STAGING_DISKS',
  'FAILED_TO_PAIR_REPLICATION_SERVER_WITH_AGENT',
  'FAILED_TO_CONNECT_AGENT_TO_REPLICATION_SERVER',
  'FAILED_TO_START_DATA_TRANSFER',
] as const

export type DataReplicationErrorCode = (typeof DATA_REPLICATION_ERRORS)[number]

export interface DataReplicationError {
  readonly error: DataReplicationErrorCode
  /** For a person: the stage, the cause and the remedy. */
  readonly rawError: string
}

/** Of each error: what does not succeed, and what to do about it. */
const TROUBLE: Readonly<
  Record<DataReplicationErrorCode, readonly [stage: string, remedy: string]>
> = {
  AGENT_NOT_SEEN: [
    'Hearing from the agent',
    'Check that the source server runs, that the service landfall-agent runs on it, and that it ' +
      'reaches this service.',
  ],
  SNAPSHOTS_FAILURE: [
    'Making a consistent point',
    'It is tried again by itself and data goes on flowing; the agent log tells more.',
  ],
  NOT_CONVERGING: ['Keeping up with the writes', 'Relieve the slowest stage (landfall status).'],
  UNSTABLE_NETWORK: [
    'Keeping the connection to the replication server',
    'The agent connects again by itself and sends what is missing; check the network between.',
  ],
  FAILED_TO_CREATE_SECURITY_GROUP: ['Opening the firewall', 'Open TCP 1500 to it yourself.'],
  FAILED_TO_LAUNCH_REPLICATION_SERVER: [
    'Starting the replication server',
    'See whether it runs (landfall status), and its log in the data directory.',
  ],
  FAILED_TO_BOOT_REPLICATION_SERVER: [
    'Booting the replication server',
    'See its log in the data directory.',
  ],
  FAILED_TO_AUTHENTICATE_WITH_SERVICE: [
    'Hearing from the replication server',
    'See whether it runs (landfall status), and in its log whether the service refuses it.',
  ],
  FAILED_TO_DOWNLOAD_REPLICATION_SOFTWARE: [
    'Installing the replication server',
    'Install Landfall again.',
  ],
  FAILED_TO_CREATE_STAGING_DISKS: [
    'Creating the staging volumes',
    'Remove the cause; it is tried again by itself, or at once by RetryDataReplication.',
  ],
  FAILED_TO_ATTACH_STAGING_DISKS: [
    'Attaching the staging volumes',
    'It is tried again by itself; see the log of the staging area.',
  ],
  FAILED_TO_PAIR_REPLICATION_SERVER_WITH_AGENT: [
    'Pairing the agent with the replication server',
    'It is tried again by itself; when this stays, install the agent again.',
  ],
  FAILED_TO_CONNECT_AGENT_TO_REPLICATION_SERVER: [
    'Connecting the agent to the replication server',
    'It is tried again by itself; see whether the replication server runs (landfall status).',
  ],
  FAILED_TO_START_DATA_TRANSFER: [
    'Data transfer',
    'It goes on by itself once the cause is gone; the agent log tells more.',
  ],
}

/** An error as it is shown: the stage, the cause, which is a sentence or less, and the remedy. */
export function replicationFailure(
  error: DataReplicationErrorCode,
  cause: string,
): DataReplicationError {
  const [stage, remedy] = TROUBLE[error]
  return { error, rawError: `${stage} fails: ${cause.trim().replace(/\.$/, '')}. ${remedy}` }
}

/** Limits that more than one program keeps. Each has its reason beside it. */
export const MIB = 1024 * 1024

/** Granule of the dirty map: 64 KiB granules amplified 4 KiB random writes fifteen times. */
export const GRANULE_BYTES = 4096

/** A source disk smaller than this cannot be replicated (MGN's own rule). */
export const DISK_BYTES_MIN = MIB

/** Disks per source server: MGN's agent limit. */
export const DISKS_PER_SERVER_MAX = 50

/** Connections from one agent to its replication server: MGN's figure, "up to five". */
export const CONNECTIONS_PER_AGENT_MAX = 5

/** Source servers in one job. */
export const SERVERS_PER_JOB_MAX = 200

/** Jobs in progress at once. */
export const JOBS_AT_ONCE_MAX = 20

/** Range compared by one hash: small enough to resend on a difference, large enough to be cheap. */
export const HASH_RANGE_BYTES = MIB

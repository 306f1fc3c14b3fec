/** Limits that more than one program keeps. Each has its reason beside it. */
export const MIB = 1024 * 1024

/** Granule of the dirty map: 64 KiB granules amplified 4 KiB random writes fifteen times. */
export const GRANULE_BYTES = 4096

/** A source disk smaller than this cannot be replicated (MGN's own rule). */
export const DISK_BYTES_MIN = MIB

/** A larger one neither: MGN's own rule, and up to it our maps and images were tried. */
export const DISK_BYTES_MAX = 16 * 1024 * 1024 * MIB

/** Disks per source server: MGN's agent limit. */
export const DISKS_PER_SERVER_MAX = 50

/** Connections from one agent to its replication server: MGN's figure, "up to five". */
export const CONNECTIONS_PER_AGENT_MAX = 5

/** Source servers in one job. */
export const SERVERS_PER_JOB_MAX = 200

/** Jobs in progress at once. */
export const JOBS_AT_ONCE_MAX = 20

/** A conversion runs a virtual machine of its own, with a GiB of memory and a core kept busy. */
export const CONVERSIONS_AT_ONCE = 2

/** Range compared by one hash: small enough to resend on a difference, large enough to be cheap. */
export const HASH_RANGE_BYTES = MIB

/**
 * Points of one source server. Each is a layer that reads of old data pass through: a hundred were
 * read at 100 MiB/s and opened in a second.
 */
export const POINTS_PER_SERVER_MAX = 100

/**
 * Layers of one source server, over all its disks: each takes the storage daemon 0.18 MiB and an
 * open file, of which a process may have 1024.
 */
export const LAYERS_PER_SERVER_MAX = 600

/** Points a server with so many disks can have: each disk has a layer for each, and one more. */
export function pointsMaxOf(diskCount: number): number {
  const layers = Math.floor(LAYERS_PER_SERVER_MAX / Math.max(diskCount, 1)) - 1
  return Math.min(POINTS_PER_SERVER_MAX, layers)
}

/**
 * What the scrub compares in a second, unless a server has a rate of its own. A MiB takes the agent
 * 3 ms of CPU (measured at 1 and at 8 MiB/s on two busy cores; 0.9 ms of it is the hash, twice that
 * without SHA instructions). At half a MiB per second that is 0.15 % of a core beside the 0.6 to
 * 0.8 % of an agent that does nothing: less than the 1 % it may take. A TiB takes 24 days, 100 GiB
 * two and a half.
 */
export const SCRUB_BYTES_PER_SECOND = MIB / 2

/** The fastest a scrub may be set to: more than the agent hashes, one range after the other. */
export const SCRUB_BYTES_PER_SECOND_MAX = 1024 * MIB

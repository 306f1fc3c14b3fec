/** Version of the protocol in `hello`; a replication server speaks exactly one. */
export const PROTOCOL_VERSION = 3

/** Bytes of a data frame before compression: bounds every buffer on both ends. */
export const DATA_BYTES_MAX = 1024 * 1024

/**
 * Bytes of a payload on the wire. Compressed data is only sent when smaller than the original, so
 * data bounds it; JSON payloads (50 disks, errors) are far smaller.
 */
export const PAYLOAD_BYTES_MAX = DATA_BYTES_MAX

/**
 * Ranges in one scatter frame: past it, what a frame itself costs is small beside its ranges, and
 * the answer to the first of them would wait for all.
 */
export const SCATTER_RANGES_MAX = 128

/** Bytes of a zero range in one frame: 1 GiB keeps one frame's work on the volume bounded. */
export const ZERO_BYTES_MAX = 1024 * 1024 * 1024

/** Unacknowledged data bytes per agent, over all its connections. */
export const IN_FLIGHT_BYTES_MAX = 64 * 1024 * 1024

/** A peer that is silent for longer is taken for dead; pings go out at a third of it. */
export const SILENCE_MS_MAX = 30_000

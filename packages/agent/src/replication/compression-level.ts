/**
 * zstd levels in use, 0 being none. Each halves about the bytes a second of a core, and saves
 * less than the one before; above 6 little is gained.
 */
export const COMPRESSION_LEVELS = [0, 1, 3, 6] as const

export type CompressionLevel = (typeof COMPRESSION_LEVELS)[number]

/** What the link is: enough for a root disk, and seldom what holds replication up. */
export const FIRST_COMPRESSION_LEVEL: CompressionLevel = 1

/** A wire that is busy less still has room, and more work for the CPU would gain nothing. */
const WIRE_BUSY_MIN = 0.9
/** A step up about doubles the work: more may not be in use before. */
const CPU_FREE_MAX = 0.5
const CPU_BUSY_MIN = 0.85
/**
 * The wire has room for what compression no longer saves. Threads that wait for a CPU make it look
 * busier than it is.
 */
const WIRE_FREE_MAX = 0.8

/**
 * The level to go on with: one step up while the wire is what everything waits for and there is CPU
 * to spare, one step down while it is the other way round. Shares of the time, 0 to 1.
 */
export function nextCompressionLevel(
  level: CompressionLevel,
  busy: { readonly wire: number; readonly cpu: number },
): CompressionLevel {
  const index = COMPRESSION_LEVELS.indexOf(level)
  if (busy.wire >= WIRE_BUSY_MIN && busy.cpu <= CPU_FREE_MAX) {
    return COMPRESSION_LEVELS[index + 1] ?? level
  }
  if (busy.cpu >= CPU_BUSY_MIN && busy.wire <= WIRE_FREE_MAX) {
    return COMPRESSION_LEVELS[index - 1] ?? level
  }
  return level
}

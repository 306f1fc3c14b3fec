const DAY_MS = 24 * 60 * 60 * 1000

/**
 * A weekend: what happened on Friday night can be seen on Monday morning. A server has 4,320
 * samples then, some 0.6 MB; 10,000 servers have 6.5 GB.
 */
export const KEPT_MS = 3 * DAY_MS

/** How much of it can be asked for. */
export const KEPT_HOURS = KEPT_MS / (60 * 60 * 1000)

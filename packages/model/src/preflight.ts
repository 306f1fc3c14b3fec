/** How much a finding of preflight matters; most first. */
export const PREFLIGHT_SEVERITIES = [
  /** A launch fails, or what it launches does not come up. */
  'blocker',
  /** Something of it may not work as it did. */
  'warning',
  /** What the launch changes, or what is good to know. */
  'information',
] as const

export type PreflightSeverity = (typeof PREFLIGHT_SEVERITIES)[number]

/** What was looked at: the running source server, or the disks of a point. */
export type PreflightSource = 'LIVE' | 'POINT'

/** What one rule found. */
export interface PreflightFinding {
  readonly rule: string
  readonly severity: PreflightSeverity
  readonly about: 'boot' | 'storage' | 'network' | 'system' | 'launch'
  /** A sentence. */
  readonly title: string
  /** Which things of the server it is about; may be none. */
  readonly details: readonly string[]
  /** What to do about it. */
  readonly remedy: string
}

/** GetPreflight's answer. Moments are ISO 8601 in UTC. */
export interface PreflightReport {
  readonly sourceServerID: string
  /** Null where it was not looked at yet. */
  readonly live: { readonly lookedAt: string } | null
  readonly point: {
    readonly lookedAt: string
    readonly pointID: string
    /** Why its disks could not be looked at. */
    readonly error?: string
  } | null
  /** The most severe first; what both show is there once. */
  readonly findings: readonly (PreflightFinding & {
    readonly sources: readonly PreflightSource[]
  })[]
}

/** How many findings of each severity a server has. */
export type PreflightCounts = Readonly<Record<PreflightSeverity, number>>

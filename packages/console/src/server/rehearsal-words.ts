import type { StatusIndicatorProps } from '@cloudscape-design/components/status-indicator'

/** GetRehearsals' answer; moments are ISO 8601 in UTC. */
export interface RehearsalsView {
  readonly sourceServerID: string
  /** Null: only by hand. */
  readonly everyHours: number | null
  /** The newest first. */
  readonly rehearsals: readonly Rehearsal[]
}

export interface Rehearsal {
  readonly startedDateTime: string
  readonly endedDateTime?: string
  readonly verdict: 'RUNNING' | 'BOOTED' | 'FAILED'
  /** Why it failed. */
  readonly detail?: string
  readonly pointID?: string
  readonly pointTakenDateTime?: string
  readonly bootedSeconds?: number
  readonly instanceID?: string
}

export const VERDICTS: Readonly<
  Record<Rehearsal['verdict'], readonly [StatusIndicatorProps.Type, string]>
> = {
  RUNNING: ['in-progress', 'Running'],
  BOOTED: ['success', 'Booted'],
  FAILED: ['error', 'Failed'],
}

const HOURS_A_DAY = 24

/** Usual choices, in hours; the service takes any whole number from 1 to 720. */
const USUAL = [6, 12, 24, 72, 168]

interface Choice {
  readonly value: string
  readonly label: string
}

const BY_HAND: Choice = { value: '', label: 'Only by hand' }

/** How often a server can be rehearsed, among them what is chosen now. */
export function scheduleChoices(everyHours: number | null): readonly Choice[] {
  const hours = new Set(everyHours === null ? USUAL : [...USUAL, everyHours])
  return [BY_HAND, ...[...hours].toSorted((a, b) => a - b).map(everyChoice)]
}

function everyChoice(hours: number): Choice {
  const value = String(hours)
  if (hours === 1) return { value, label: 'Every hour' }
  if (hours === HOURS_A_DAY) return { value, label: 'Every day' }
  return hours % HOURS_A_DAY === 0
    ? { value, label: `Every ${hours / HOURS_A_DAY} days` }
    : { value, label: `Every ${hours} hours` }
}

/** What UpdateRehearsalSettings is told for a choice. */
export function hoursOf(value: string): number | null {
  return value === BY_HAND.value ? null : Number(value)
}

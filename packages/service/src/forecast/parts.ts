import type { Accelerator } from '@landfall/launch'
import type { CatchUp } from './catch-up.ts'
import { MEASURED_PARTS, type MeasuredPart, type Past } from './past-durations.ts'

/** By what the time of a part is known, the best first. */
export type Basis = 'MEASURED_NOW' | 'THIS_SERVER' | 'ALL_SERVERS' | 'ASSUMED'

/** A part of a cutover, in the order in which they come. */
export interface ForecastPart {
  readonly name: 'CATCH_UP' | MeasuredPart
  /** As long as half of the times before took, or less. */
  readonly seconds: number
  /** The longest of them. */
  readonly slowestSeconds: number
  readonly basis: Basis
  /** Times before that it follows from. */
  readonly samples: number
  readonly explanation: string
}

/** What nobody has measured yet: the first launch of an installation replaces it. */
const ASSUMED_SECONDS: Readonly<Record<MeasuredPart, Readonly<Record<Accelerator, number>>>> = {
  // The instance's power is cut, and its files are removed.
  CLEANUP: { kvm: 5, tcg: 5 },
  // A moment of quiet is waited for; the freeze itself takes milliseconds.
  POINT: { kvm: 30, tcg: 30 },
  // A virtual machine starts and looks into the disks; without KVM it is many times slower.
  CONVERSION: { kvm: 120, tcg: 600 },
  LAUNCH: { kvm: 10, tcg: 10 },
  // A small server; a check of large file systems takes longer.
  FIRST_BOOT: { kvm: 30, tcg: 120 },
}

/** What a server's cutover is made of, each part with its time and what that is known by. */
export function forecastParts(facts: {
  readonly catchUp: Exclude<CatchUp, { unknown: string }>
  /** An instance is removed first. */
  readonly hasInstance: boolean
  readonly ofServer: Past
  readonly ofAll: Past
  readonly accelerator: Accelerator
}): ForecastPart[] {
  const { seconds, explanation } = facts.catchUp
  const now = { seconds, slowestSeconds: seconds, samples: 0, explanation }
  const parts = MEASURED_PARTS.filter((part) => part !== 'CLEANUP' || facts.hasInstance)
  return [
    { name: 'CATCH_UP', basis: 'MEASURED_NOW', ...now },
    ...parts.map((name) => ({ name, ...durationOf(name, facts) })),
  ]
}

function durationOf(
  part: MeasuredPart,
  {
    ofServer,
    ofAll,
    accelerator,
  }: { readonly ofServer: Past; readonly ofAll: Past; readonly accelerator: Accelerator },
): Omit<ForecastPart, 'name'> {
  const [own = [], all = []] = [ofServer[part], ofAll[part]]
  if (own.length > 0) return measured('THIS_SERVER', own, 'of this server')
  if (all.length > 0) return measured('ALL_SERVERS', all, 'of other servers')
  const seconds = ASSUMED_SECONDS[part][accelerator]
  const explanation = 'Nothing was measured yet: an assumption. A test launch replaces it.'
  return { seconds, slowestSeconds: seconds, basis: 'ASSUMED', samples: 0, explanation }
}

function measured(
  basis: Basis,
  samples: readonly number[],
  whose: string,
): Omit<ForecastPart, 'name'> {
  const count = samples.length
  const explanation =
    count === 1 ? `As the one time before, ${whose}.` : `Median of ${count} times, ${whose}.`
  const slowestSeconds = Math.max(...samples)
  return { seconds: medianOf(samples), slowestSeconds, basis, samples: count, explanation }
}

/** The lower one of the two in the middle. */
function medianOf(samples: readonly number[]): number {
  const sorted = samples.toSorted((left, right) => left - right)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
}

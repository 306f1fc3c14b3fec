import type { Program } from '../test/programs.ts'

/** One line of the table. */
export interface Row {
  readonly figure: string
  readonly ours: string
  /** What it is held against: another program, or the bare machine. */
  readonly peer: string
  /** Ours divided by the peer's, or by the limit where the target is one. */
  readonly ratio: number
  /** Without one the row is there to be known. */
  readonly target?: Target
}

/** What the ratio should be. Nothing here fails when it is not: the table shows it. */
export type Target = { readonly atLeast: number } | { readonly atMost: number }

export interface Surroundings {
  /** Tells how the measurement goes, while it goes. */
  readonly log: (message: string) => void
  /** Aborted by Ctrl-C: whatever was made is removed. */
  readonly signal: AbortSignal
}

/** One measurement, which may give several rows. */
export interface Figure {
  readonly name: string
  readonly programs: readonly Program[]
  measure(surroundings: Surroundings): Promise<readonly Row[]>
}

/** The ratio of a row whose target is a limit of what we measured ourselves. */
export function withinLimit(options: {
  readonly figure: string
  readonly value: number
  readonly limit: number
  readonly unit: string
}): Row {
  const { figure, value, limit, unit } = options
  return {
    figure,
    ours: `${significant(value)} ${unit}`,
    peer: `limit ${limit} ${unit}`,
    ratio: value / limit,
    target: { atMost: 1 },
  }
}

/** Three digits: no measurement here is better than that. */
export function significant(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en', { maximumSignificantDigits: 3 })
}

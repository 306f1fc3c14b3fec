import { InvalidArgumentError } from 'commander'

/** A length is written in the first unit that divides it and of which it has `countMin` or more. */
const UNITS = [
  // One day is 24h, as everybody says it in a policy.
  { letter: 'd', minutes: 24 * 60, countMin: 2 },
  { letter: 'h', minutes: 60, countMin: 1 },
  { letter: 'm', minutes: 1, countMin: 0 },
] as const

/** Minutes from `10m`, `1h`, `7d`, or `0`: policies count in whole minutes. */
export function parseMinutes(text: string): number {
  if (text === '0') return 0
  const [, count, letter] = /^(\d{1,9})([mhd])$/.exec(text) ?? []
  const unit = UNITS.find((one) => one.letter === letter)
  if (unit === undefined) {
    throw new InvalidArgumentError('Give a number and m, h or d, such as 10m, 24h or 7d.')
  }
  return Number(count) * unit.minutes
}

/** A text that `parseMinutes` reads as the same: `10m`, `24h`, `7d`. */
export function formatMinutes(minutes: number): string {
  for (const unit of UNITS) {
    const count = minutes / unit.minutes
    if (Number.isInteger(count) && count >= unit.countMin) return `${count}${unit.letter}`
  }
  return `${minutes}m`
}

const MINUTE_S = 60
const HOUR_S = 60 * MINUTE_S
const DAY_S = 24 * HOUR_S

/** Ages that the time line names, from the newest on. */
const NAMED = [
  [10 * MINUTE_S, '10 min'],
  [HOUR_S, '1 h'],
  [6 * HOUR_S, '6 h'],
  [DAY_S, '1 d'],
  [7 * DAY_S, '7 d'],
  [30 * DAY_S, '30 d'],
] as const

/**
 * Where something of such an age stands on a line whose left end is as old as `oldest`, from 0 to
 * 1; both in seconds. Points are kept the more densely the newer they are, every ten minutes, every
 * hour, every day, and stand about as far apart as that on a logarithmic scale.
 */
export function positionOf(age: number, oldest: number): number {
  const scale = Math.log1p(Math.max(oldest, 0) / MINUTE_S)
  if (scale === 0) return 1
  return 1 - Math.log1p(Math.min(Math.max(age, 0), oldest) / MINUTE_S) / scale
}

/** The ages that are named below a line so long. */
export function ticksOf(oldest: number): readonly { readonly at: number; readonly text: string }[] {
  return NAMED.filter(([age]) => age <= oldest).map(([age, name]) => ({
    at: positionOf(age, oldest),
    text: `${name} ago`,
  }))
}

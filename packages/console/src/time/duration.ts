const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const

/** The two greatest units of a number of seconds: `2 h 5 min`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const first = UNITS.findIndex(([, length]) => whole >= length)
  if (first < 0) return '0 s'
  let rest = whole
  const parts: string[] = []
  for (const [unit, length] of UNITS.slice(first, first + 2)) {
    const count = Math.floor(rest / length)
    rest -= count * length
    if (count > 0) parts.push(`${count} ${unit}`)
  }
  return parts.join(' ')
}

/** How long it is from one moment to another, both ISO 8601. */
export function durationText(from: string, to: string): string {
  return formatSeconds((Date.parse(to) - Date.parse(from)) / 1000)
}

/** The seconds of an ISO 8601 duration in the service's form: `P1DT2H3M4.5S`. */
export function durationSeconds(iso: string): number {
  const parts = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?$/.exec(iso)
  if (parts === null) return Number.NaN
  const [, days = 0, hours = 0, minutes = 0, seconds = 0] = parts
  return Number(days) * 86_400 + Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
}

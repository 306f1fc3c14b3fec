const SECOND_MS = 1000
const MINUTE_S = 60
const HOUR_S = 60 * MINUTE_S
const DAY_S = 24 * HOUR_S

/** The length of time in ISO 8601, whole seconds, as MGN writes it: `P0D`, `PT5M12S`, `P2DT3H`. */
export function isoDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / SECOND_MS))
  const days = Math.floor(seconds / DAY_S)
  const parts = [
    [Math.floor((seconds % DAY_S) / HOUR_S), 'H'],
    [Math.floor((seconds % HOUR_S) / MINUTE_S), 'M'],
    [seconds % MINUTE_S, 'S'],
  ] as const
  const time = parts.map(([count, unit]) => (count === 0 ? '' : `${count}${unit}`)).join('')
  if (days === 0) return time === '' ? 'P0D' : `PT${time}`
  return `P${days}D${time === '' ? '' : `T${time}`}`
}

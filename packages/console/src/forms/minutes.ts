/** Units that lengths of time are entered in, the greatest first. */
export const UNITS = [
  { value: 'd', label: 'days', minutes: 24 * 60 },
  { value: 'h', label: 'hours', minutes: 60 },
  { value: 'm', label: 'minutes', minutes: 1 },
] as const

export type Unit = (typeof UNITS)[number]['value']

/** The greatest unit of which it is a whole number: what it was most likely entered in. */
export function unitOf(minutes: number): Unit {
  const fits = (unit: (typeof UNITS)[number]) => minutes !== 0 && minutes % unit.minutes === 0
  return UNITS.find(fits)?.value ?? 'm'
}

export function minutesIn(unit: Unit): number {
  return UNITS.find(({ value }) => value === unit)?.minutes ?? 1
}

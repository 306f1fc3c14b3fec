/**
 * Whether the database can keep it as text: Unicode in which every surrogate has its other half,
 * and no NUL.
 */
export function isText(value: string): boolean {
  return value.isWellFormed() && !value.includes('\0')
}

/** Deeper than any input of ours; bounds what a hostile one can ask of the stack. */
const DEPTH_MAX = 100

/** Whether every text in the value, and every key, is one. */
export function holdsText(value: unknown, depth = 0): boolean {
  if (typeof value === 'string') return isText(value)
  if (typeof value !== 'object' || value === null) return true
  if (depth === DEPTH_MAX) return false
  return Object.entries(value).every(([key, member]) => isText(key) && holdsText(member, depth + 1))
}

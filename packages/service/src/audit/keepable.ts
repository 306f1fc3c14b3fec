import { isText } from '../text.ts'

/** What is kept of an input that may be anything: enough to see what was asked for. */
const CHARACTERS_MAX = 1000
const ITEMS_MAX = 200
const DEPTH_MAX = 8

/** Stands for what is not kept. */
const CUT = '…'

/** The value as the database can keep it: text that is text, and not too much of it. */
export function keepable(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') {
    const text = value.length > CHARACTERS_MAX ? value.slice(0, CHARACTERS_MAX) + CUT : value
    return isText(text) ? text : CUT
  }
  if (typeof value !== 'object' || value === null) return value
  if (depth === DEPTH_MAX) return CUT
  if (Array.isArray(value)) {
    return value.slice(0, ITEMS_MAX).map((item) => keepable(item, depth + 1))
  }
  const entries = Object.entries(value)
    .filter(([key]) => isText(key) && key.length <= CHARACTERS_MAX)
    .slice(0, ITEMS_MAX)
  return Object.fromEntries(entries.map(([key, member]) => [key, keepable(member, depth + 1)]))
}

/** Entries of any list of facts: more than a server has, and few enough to be kept and shown. */
export const FACTS_LIST_MAX = 200

/** Characters of any text: the longest kernel command line. */
export const FACTS_TEXT_MAX = 4096

/**
 * The same facts, of which each list and each text is no longer than what is kept: files of a guest
 * may say anything. NUL bytes, which no database keeps, go.
 */
export function bounded<T>(value: T): T {
  if (typeof value === 'string') {
    return value.slice(0, FACTS_TEXT_MAX).replaceAll('\0', '') as T
  }
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.slice(0, FACTS_LIST_MAX).map(bounded) as T
  const members = Object.entries(value).map(([key, member]) => [key, bounded(member)] as const)
  return Object.fromEntries(members) as T
}

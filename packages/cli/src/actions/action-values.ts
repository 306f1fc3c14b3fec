import { LandfallError } from '@landfall/model'

/** `KEY=VALUE` arguments as lists of values by key; a key that comes again has several. */
export function readValues(pairs: readonly string[]): Record<string, string[]> {
  const values = new Map<string, string[]>()
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    if (at < 1) {
      const message = `${pair} is not KEY=VALUE; landfall actions predefined lists the keys.`
      throw new LandfallError('validation', message)
    }
    const key = pair.slice(0, at)
    values.set(key, [...(values.get(key) ?? []), pair.slice(at + 1)])
  }
  return Object.fromEntries(values)
}

import type { FieldError } from '../api/call.ts'

/** Whether both say the same; a member that is undefined is one that is not there. */
export function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true
  if (!isObject(one) || !isObject(other) || Array.isArray(one) !== Array.isArray(other))
    return false
  const names = new Set([...Object.keys(one), ...Object.keys(other)])
  return [...names].every((name) => isSame(one[name], other[name]))
}

/** The members of `value` that are not as in `saved`. */
export function changesTo<Value extends object>(saved: Value, value: Value): Partial<Value> {
  const names = Object.keys(value) as (keyof Value)[]
  const changed = names.filter((name) => !isSame(saved[name], value[name]))
  return Object.fromEntries(changed.map((name) => [name, value[name]])) as Partial<Value>
}

/** Whether a number is missing in it, where somebody emptied a field. */
export function hasGap(value: unknown): boolean {
  return isObject(value) ? Object.values(value).some(hasGap) : Number.isNaN(value)
}

/** The errors of one member, by names as it has them; its own has none. */
export function errorsOf(errors: readonly FieldError[], member: string): readonly FieldError[] {
  return errors.flatMap(({ name, message }) => {
    if (name === member) return [{ name: '', message }]
    return name.startsWith(`${member}.`) ? [{ name: name.slice(member.length + 1), message }] : []
  })
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

import type { FieldError } from '../api/call.ts'
import { errorsOf } from './changes.ts'

/** A value in a form: what it is, how it is changed, and what was refused of it. */
export interface Bound<Value> {
  readonly value: Value
  readonly set: (value: Value) => void
  /** Names are those of its members; the value's own is ''. */
  readonly errors: readonly FieldError[]
  readonly isReadOnly: boolean
}

/** One member of it, to be edited by itself. */
export function memberOf<Value extends object, Name extends keyof Value & string>(
  bound: Bound<Value>,
  name: Name,
): Bound<Value[Name]> {
  const { value, set, errors, isReadOnly } = bound
  return {
    value: value[name],
    set: (member) => set({ ...value, [name]: member }),
    errors: errorsOf(errors, name),
    isReadOnly,
  }
}

/** What is shown at the field: all that was refused of it and of what it holds. */
export function errorText({ errors }: Pick<Bound<unknown>, 'errors'>): string | undefined {
  if (errors.length === 0) return undefined
  return errors.map(({ message }) => sentence(message)).join(' ')
}

/** AWS's wording of a constraint, which each of its messages begins with. */
const CONSTRAINT = 'failed to satisfy constraint: '

function sentence(message: string): string {
  const text = message.replace(CONSTRAINT, '').replace(/^Member must/, 'It must')
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`
}

import type { QueryNames } from './query-names.ts'
import { shapeOf, type ServiceModel } from './service-model.ts'

/** Longer than any list of the query protocols; bounds what a hostile input can ask for. */
const LIST_MEMBERS_MAX = 1000

/** Longer than any name the models can ask for; a hostile one is not cut into its parts. */
const NAME_CHARACTERS_MAX = 500

/**
 * Reads the form of a query protocol (`Tags.member.1.Key=a`) into an input for the checks. Members
 * are looked for by the model, so what it does not know is left out.
 */
export function readQueryInput(
  model: ServiceModel,
  shapeName: string,
  form: URLSearchParams,
  names: QueryNames,
): Record<string, unknown> {
  // What is nowhere in the form is not looked for: shapes are deep, and forms are not.
  const present = new Set<string>()
  for (const key of form.keys()) {
    if (key.length > NAME_CHARACTERS_MAX) continue
    for (let end = key.length; end > 0; end = key.lastIndexOf('.', end - 1)) {
      present.add(key.slice(0, end))
    }
  }
  const reader: FormReader = { model, form, names, present }
  return (readShape(reader, shapeName, '') ?? {}) as Record<string, unknown>
}

interface FormReader {
  readonly model: ServiceModel
  readonly form: URLSearchParams
  readonly names: QueryNames
  /** Every name of the form, and every beginning of one that ends before a dot. */
  readonly present: ReadonlySet<string>
}

function readShape(reader: FormReader, shapeName: string, name: string): unknown {
  const { model, form, names, present } = reader
  if (name !== '' && !present.has(name)) return undefined
  const shape = shapeOf(model, shapeName)
  switch (shape.type) {
    case 'structure': {
      const entries = Object.entries(shape.members ?? {})
        .map(([key, member]) => {
          const inForm = names.inputMember(key, member)
          const at = name === '' ? inForm : `${name}.${inForm}`
          return [key, readShape(reader, member.shape, at)] as const
        })
        .filter(([, value]) => value !== undefined)
      return entries.length === 0 ? undefined : Object.fromEntries(entries)
    }
    case 'list': {
      const values: unknown[] = []
      while (values.length < LIST_MEMBERS_MAX) {
        const at = names.inputItem(name, values.length + 1)
        const value = readShape(reader, shape.member!.shape, at)
        if (value === undefined) break
        values.push(value)
      }
      return values.length === 0 ? undefined : values
    }
    case 'integer':
    case 'long':
    case 'float':
    case 'double':
      return numberOf(form.get(name))
    case 'boolean':
      return booleanOf(form.get(name))
    case 'string':
    case 'timestamp':
    case 'blob':
    case 'map':
      return form.get(name) ?? undefined
  }
}

/** Text that is no number stays text, for the check to refuse. */
function numberOf(text: string | null): number | string | undefined {
  if (text === null) return undefined
  return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text)
}

function booleanOf(text: string | null): boolean | string | undefined {
  if (text === null) return undefined
  return text === 'true' ? true : text === 'false' ? false : text
}

import { shapeOf, type ServiceModel } from './service-model.ts'

/** Deeper than any input of the query protocol; bounds what a hostile one can ask for. */
const LIST_MEMBERS_MAX = 1000

/**
 * Reads the form of the query protocol (`Tags.member.1.Key=a`) into an input for the checks.
 * Members are looked for by the model, so what it does not know is left out.
 */
export function readQueryInput(
  model: ServiceModel,
  shapeName: string,
  form: URLSearchParams,
): Record<string, unknown> {
  return (readShape(model, shapeName, form, '') ?? {}) as Record<string, unknown>
}

function readShape(
  model: ServiceModel,
  shapeName: string,
  form: URLSearchParams,
  name: string,
): unknown {
  const shape = shapeOf(model, shapeName)
  const inside = (member: string) => (name === '' ? member : `${name}.${member}`)
  switch (shape.type) {
    case 'structure': {
      const entries = Object.entries(shape.members ?? {})
        .map(([key, member]) => [key, readShape(model, member.shape, form, inside(key))] as const)
        .filter(([, value]) => value !== undefined)
      return entries.length === 0 ? undefined : Object.fromEntries(entries)
    }
    case 'list': {
      const values: unknown[] = []
      while (values.length < LIST_MEMBERS_MAX) {
        const member = inside(`member.${values.length + 1}`)
        const value = readShape(model, shape.member!.shape, form, member)
        if (value === undefined) break
        values.push(value)
      }
      return values.length === 0 ? undefined : values
    }
    case 'integer':
    case 'long':
    case 'float':
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

import { runInNewContext } from 'node:vm'
import type { CommandDocument } from './document-content.ts'
import { withReferences, type StoredValues } from './parameter-references.ts'
import { SsmError } from './ssm-error.ts'

type DocumentParameter = NonNullable<CommandDocument['parameters']>[string]

/** As SSM's API has them: every value is a list of texts. */
export type GivenParameters = Readonly<Record<string, readonly string[]>>

/** What the document's parameters are worth: texts, lists, numbers, maps. */
export type ParameterValues = ReadonlyMap<string, unknown>

/**
 * For one pattern. Patterns are their authors' own, and some would look at a value for hours while
 * nobody else is answered. An ordinary one takes a millisecond, and hundreds on a machine that has
 * much else to do.
 */
const PATTERN_MS_MAX = 1000

/**
 * Reads what was given for a document's parameters, with what it refers to in the parameter store.
 * Throws `SsmError` that names the parameter.
 */
export function readParameterValues(
  { parameters = {} }: Pick<CommandDocument, 'parameters'>,
  given: GivenParameters,
  stored: StoredValues,
): ParameterValues {
  const resolved = (texts: readonly string[]) => texts.map((text) => withReferences(text, stored))
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(parameters, name)) throw invalid(name, 'is not one of the document')
  }
  return new Map(
    Object.entries(parameters).map(([name, parameter]) => {
      const texts = given[name]
      if (texts !== undefined) return [name, readValue(name, parameter, resolved(texts))]
      const { default: value } = parameter
      if (typeof value === 'string') return [name, withReferences(value, stored)]
      if (value !== undefined) return [name, value]
      throw invalid(name, 'has no default and must be given')
    }),
  )
}

function readValue(name: string, parameter: DocumentParameter, texts: readonly string[]): unknown {
  checkLimits(name, parameter, texts)
  switch (parameter.type) {
    case 'StringList':
      return texts
    case 'String':
      return oneOf(name, texts)
    case 'Boolean': {
      const text = oneOf(name, texts).toLowerCase()
      if (text !== 'true' && text !== 'false') throw invalid(name, 'must be true or false')
      return text === 'true'
    }
    case 'Integer': {
      const text = oneOf(name, texts)
      if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(Number(text))) {
        throw invalid(name, 'must be an integer')
      }
      return Number(text)
    }
    case 'StringMap':
      return readMap(name, oneOf(name, texts))
    case 'MapList':
      return texts.map((text) => readMap(name, text))
  }
}

function oneOf(name: string, texts: readonly string[]): string {
  const [text] = texts
  if (text === undefined || texts.length > 1) throw invalid(name, 'must have one value')
  return text
}

function readMap(name: string, text: string): object {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {
    // Told below, like JSON that is no object.
  }
  throw invalid(name, 'must be JSON of an object')
}

function checkLimits(name: string, parameter: DocumentParameter, texts: readonly string[]) {
  const { allowedValues, allowedPattern, minItems = 0, maxItems = Infinity } = parameter
  const { minChars = 0, maxChars = Infinity } = parameter
  if (texts.length < minItems || texts.length > maxItems) {
    throw invalid(name, `has ${texts.length} values; ${minItems} to ${maxItems} are possible`)
  }
  for (const text of texts) {
    if (text.length < minChars || text.length > maxChars) {
      const range = `${minChars} to ${maxChars}`
      throw invalid(name, `has a value of ${text.length} characters; ${range} are possible`)
    }
    if (allowedValues !== undefined && !allowedValues.some((one) => String(one) === text)) {
      throw invalid(name, `must be one of ${allowedValues.join(', ')}`)
    }
    if (allowedPattern !== undefined && !matches(name, allowedPattern, text)) {
      throw invalid(name, `must match ${allowedPattern}`)
    }
  }
}

function matches(name: string, pattern: string, text: string): boolean {
  try {
    return runInNewContext(
      'new RegExp(`^(?:${pattern})$`).test(text)',
      { pattern, text },
      { timeout: PATTERN_MS_MAX },
    ) as boolean
  } catch {
    throw invalid(name, `takes too long to compare with the document's pattern ${pattern}`)
  }
}

function invalid(name: string, what: string): SsmError {
  const fields = [{ name: `parameters.${name}`, message: what }]
  return new SsmError('InvalidParameters', `Parameter ${name} ${what}.`, { fields })
}

import { LandfallError } from '@landfall/model'
import { isText } from '../text.ts'
import { shapeOf, type ServiceModel, type Shape } from './service-model.ts'

interface Problem {
  readonly name: string
  readonly message: string
}

/** How the message ends that tells of a required member that is not there. */
export const NOT_THERE = 'not be null'

/** Problems told in one answer: the first ones say what is wrong with the rest. */
const PROBLEMS_MAX = 20

/**
 * Adds to `problems` what is wrong with `value`; returns it without what the model does not know.
 */
type Reader = (value: unknown, path: string, problems: Problem[]) => unknown

/**
 * Makes the function that checks a request's input by the model: required members, types, enums,
 * patterns, lengths. Members the model does not know are left out, as AWS does, and a null counts
 * as absent. It throws `validation` with one field for each problem.
 */
export function createInputReader(
  model: ServiceModel,
  shapeName: string,
): (input: unknown) => object {
  const read = readerOf(model, new Map(), shapeName)
  return (input) => {
    const problems: Problem[] = []
    const value = read(input, '', problems)
    if (problems.length === 0) return value as object
    const fields = problems.slice(0, PROBLEMS_MAX)
    throw new LandfallError(
      'validation',
      `${problems.length} validation ${problems.length === 1 ? 'error' : 'errors'} detected: ` +
        fields.map(({ name, message }) => `Value at '${name}' ${message}`).join('; '),
      { fields },
    )
  }
}

function readerOf(model: ServiceModel, known: Map<string, Reader>, name: string): Reader {
  const found = known.get(name)
  if (found !== undefined) return found
  const shape = shapeOf(model, name)
  // Shapes may contain themselves: who asks while this one is being made gets the finished one
  // later.
  known.set(name, (value, path, problems) => known.get(name)!(value, path, problems))
  const reader = makeReader(shape, (member) => readerOf(model, known, member))
  known.set(name, reader)
  return reader
}

function makeReader(shape: Shape, of: (name: string) => Reader): Reader {
  switch (shape.type) {
    case 'structure':
      return structureReader(shape, of)
    case 'list':
      return listReader(shape, of(shape.member!.shape))
    case 'map':
      return mapReader(shape, of(shape.key!.shape), of(shape.value!.shape))
    case 'string':
      return stringReader(shape)
    case 'integer':
    case 'long':
      return numberReader(shape, 'an integer', Number.isSafeInteger)
    case 'float':
    case 'double':
      return numberReader(shape, 'a number', Number.isFinite)
    case 'boolean':
      return typeReader('a boolean', (value) => typeof value === 'boolean')
    case 'timestamp':
      return typeReader('a timestamp', isTimestamp)
    case 'blob':
      return typeReader('a string', (value) => typeof value === 'string')
  }
}

function structureReader(shape: Shape, of: (name: string) => Reader): Reader {
  const members = Object.entries(shape.members ?? {}).map(([name, { shape: member }]) => {
    return { name, read: of(member), required: shape.required?.includes(name) ?? false }
  })
  return (value, path, problems) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return void problems.push({ name: path, message: must('be a structure') })
    }
    const source = value as Record<string, unknown>
    const result: Record<string, unknown> = {}
    for (const { name, read, required } of members) {
      const memberPath = path === '' ? name : `${path}.${name}`
      const member = Object.hasOwn(source, name) ? source[name] : undefined
      if (member !== undefined && member !== null) result[name] = read(member, memberPath, problems)
      else if (required) problems.push({ name: memberPath, message: must(NOT_THERE) })
    }
    if (shape.union === true && Object.keys(result).length !== 1) {
      problems.push({ name: path, message: must('have exactly one member set') })
    }
    return result
  }
}

function listReader(shape: Shape, read: Reader): Reader {
  return (value, path, problems) => {
    if (!Array.isArray(value)) return void problems.push({ name: path, message: must('be a list') })
    if (!lengthFits(shape, value.length, path, problems)) return undefined
    return value.map((member: unknown, index) =>
      read(member, `${path}.${index + 1}.member`, problems),
    )
  }
}

function mapReader(shape: Shape, readKey: Reader, readValue: Reader): Reader {
  return (value, path, problems) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return void problems.push({ name: path, message: must('be a map') })
    }
    const entries = Object.entries(value as Record<string, unknown>)
    if (!lengthFits(shape, entries.length, path, problems)) return undefined
    // `fromEntries` makes own members, whatever the keys are called.
    return Object.fromEntries(
      entries.map(([key, member]) => {
        readKey(key, `${path} key`, problems)
        return [key, readValue(member, `${path}.${key}.member`, problems)]
      }),
    )
  }
}

function stringReader(shape: Shape): Reader {
  const pattern = shape.pattern === undefined ? undefined : wholeText(shape.pattern)
  return (value, path, problems) => {
    if (typeof value !== 'string') {
      return void problems.push({ name: path, message: must('be a string') })
    }
    if (!isText(value)) return void problems.push({ name: path, message: must('be text') })
    // The length first: it bounds what the pattern has to look at.
    if (!lengthFits(shape, value.length, path, problems)) return undefined
    if (shape.enum !== undefined && !shape.enum.includes(value)) {
      const message = must(`satisfy enum value set: [${shape.enum.join(', ')}]`)
      problems.push({ name: path, message })
    } else if (pattern !== undefined && !pattern.test(value)) {
      const message = must(`satisfy regular expression pattern: ${shape.pattern}`)
      problems.push({ name: path, message })
    }
    return value
  }
}

/** A pattern that speaks of Unicode's classes is one for Unicode; some others would not be. */
export function wholeText(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`, /\\p\{/.test(pattern) ? 'u' : '')
}

function numberReader(shape: Shape, what: string, is: (value: unknown) => boolean): Reader {
  return (value, path, problems) => {
    if (!is(value)) return void problems.push({ name: path, message: must(`be ${what}`) })
    const number = value as number
    if (shape.max !== undefined && number > shape.max) {
      const message = must(`have value less than or equal to ${shape.max}`)
      problems.push({ name: path, message })
    }
    if (shape.min !== undefined && number < shape.min) {
      const message = must(`have value greater than or equal to ${shape.min}`)
      problems.push({ name: path, message })
    }
    return number
  }
}

function typeReader(what: string, is: (value: unknown) => boolean): Reader {
  return (value, path, problems) => {
    if (!is(value)) problems.push({ name: path, message: must(`be ${what}`) })
    return value
  }
}

/** Text, or milliseconds since 1970: what `Date` makes of anything else means nothing. */
function isTimestamp(value: unknown): boolean {
  if (value instanceof Date) return !Number.isNaN(value.getTime())
  if (typeof value !== 'string' && typeof value !== 'number') return false
  return !Number.isNaN(new Date(value).getTime())
}

function lengthFits(shape: Shape, length: number, path: string, problems: Problem[]): boolean {
  const fits = length <= (shape.max ?? Infinity) && length >= (shape.min ?? 0)
  if (!fits) {
    const bound =
      length > (shape.max ?? Infinity)
        ? `less than or equal to ${shape.max}`
        : `greater than or equal to ${shape.min}`
    problems.push({ name: path, message: must(`have length ${bound}`) })
  }
  return fits
}

/** AWS's wording of a constraint. */
function must(constraint: string): string {
  return `failed to satisfy constraint: Member must ${constraint}`
}

import { wholeText } from '../http/read-input.ts'
import { shapeOf, type ServiceModel, type Shape } from '../http/service-model.ts'

/** An input that is wrong in one place, and the name that the refusal must give. */
export interface Fault {
  readonly input: object
  readonly field: string
  readonly message: RegExp
  /** Whether it can be said in a form or a path, where all values are texts. */
  readonly isSaidInText: boolean
}

/** Deeper members are of shapes that were looked at further up. */
const DEPTH_MAX = 5

/** Every way in which an input can be wrong, each in an input that is made of it. */
export function faultsOf(
  model: ServiceModel,
  shapeName: string,
  depthMax = DEPTH_MAX,
): Iterable<Fault> {
  return faultsAt(model, shapeName, { field: '', inside: (value) => value, depthLeft: depthMax })
}

interface Place {
  readonly field: string
  /** The input with the value in this place. */
  readonly inside: (value: unknown) => unknown
  readonly depthLeft: number
}

function* faultsAt(model: ServiceModel, shapeName: string, place: Place): Generator<Fault> {
  const shape = shapeOf(model, shapeName)
  if (place.depthLeft < 0) return
  if (place.field !== '') {
    const isSaidInText = ['boolean', 'integer', 'long'].includes(shape.type)
    const value = shape.type === 'boolean' ? 'yes' : true
    yield { ...faultIn(place, value, wrongType(shape.type)), isSaidInText }
  }
  switch (shape.type) {
    case 'structure':
      return yield* structureFaults(model, shape, place)
    case 'list':
      return yield* listFaults(model, shape, place)
    case 'map':
      return yield* mapFaults(model, shape, place)
    case 'string':
      return yield* stringFaults(shape, place)
    case 'integer':
    case 'long': {
      const { max, min } = shape
      if (max !== undefined) yield faultIn(place, max + 1, /less than or equal/)
      if (min !== undefined) yield faultIn(place, min - 1, /greater than or equal/)
      break
    }
    // Nothing but their type is wrong of these.
    case 'boolean':
    case 'timestamp':
    case 'blob':
    case 'float':
    case 'double':
  }
}

function faultIn({ field, inside }: Place, value: unknown, message: RegExp): Fault {
  return { input: inside(value) as object, field, message, isSaidInText: true }
}

function* structureFaults(model: ServiceModel, shape: Shape, place: Place): Generator<Fault> {
  const { field, inside, depthLeft } = place
  for (const [name, member] of Object.entries(shape.members ?? {})) {
    const path = field === '' ? name : `${field}.${name}`
    if (shape.required?.includes(name) === true) {
      // In a form, a structure without members is not there either.
      const isSaidInText = field === ''
      yield { ...faultIn(place, {}, /not be null/), field: path, isSaidInText }
    }
    yield* faultsAt(model, member.shape, {
      field: path,
      inside: (value) => inside({ [name]: value }),
      depthLeft: depthLeft - 1,
    })
  }
}

function* listFaults(model: ServiceModel, shape: Shape, place: Place): Generator<Fault> {
  const { field, inside, depthLeft } = place
  const { shape: item } = shape.member!
  if (shape.max !== undefined) {
    const isSaidInText = shapeOf(model, item).type === 'string'
    yield { ...faultIn(place, Array(shape.max + 1).fill('x'), /length/), isSaidInText }
  }
  yield* faultsAt(model, item, {
    field: `${field}.1.member`,
    inside: (value) => inside([value]),
    depthLeft: depthLeft - 1,
  })
}

function* mapFaults(model: ServiceModel, shape: Shape, place: Place): Generator<Fault> {
  const { field, inside, depthLeft } = place
  if (shape.max !== undefined) {
    const entries = Array.from({ length: shape.max + 1 }, (_, index) => [`x${index}`, 'x'])
    yield faultIn(place, Object.fromEntries(entries), /length/)
  }
  yield* faultsAt(model, shape.value!.shape, {
    field: `${field}.key.member`,
    inside: (value) => inside({ key: value }),
    depthLeft: depthLeft - 1,
  })
}

function* stringFaults(shape: Shape, place: Place): Generator<Fault> {
  const { min = 0, max } = shape
  yield faultIn(place, 'a\u0000b', /be text/)
  if (max !== undefined) yield faultIn(place, 'x'.repeat(max + 1), /length/)
  if (min > 0) yield faultIn(place, '', /length/)
  if (shape.enum !== undefined) yield faultIn(place, 'NONE_OF_THEM', /enum value set/)
  else if (shape.pattern !== undefined) {
    const wrong = strangerTo(shape.pattern, min)
    if (wrong !== undefined) yield faultIn(place, wrong, /pattern/)
  }
}

function wrongType(type: string): RegExp {
  return type === 'timestamp' ? /timestamp/ : /Member must be an? \w+/
}

/** Text that the pattern does not allow; some patterns allow everything. */
function strangerTo(pattern: string, length: number): string | undefined {
  const expression = wholeText(pattern)
  const texts = ['\u0001', '\u{1F30A}', ' '].map((one) => one.repeat(Math.max(1, length)))
  return texts.find((text) => !expression.test(text) && text.length <= Math.max(1, length) * 2)
}

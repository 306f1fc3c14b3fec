import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LandfallError } from '@landfall/model'
import { iamOperations, stsOperations } from '../identity/operations.ts'
import { TestService as Landfall } from '../test-service.ts'
import { createInputReader, wholeText } from './read-input.ts'
import {
  EC2_MODEL,
  IAM_MODEL,
  MGN_MODEL,
  shapeOf,
  SSM_MODEL,
  STS_MODEL,
  type ServiceModel,
} from './service-model.ts'

/** An input that is wrong in one place, and the name that the refusal must give. */
interface Fault {
  readonly input: unknown
  readonly field: string
  readonly message: RegExp
}

/** Deeper members are of shapes that were looked at further up. */
const DEPTH_MAX = 5

/** Every way in which a value of the shape can be wrong, each in an input that is made of it. */
function* faultsOf(
  model: ServiceModel,
  shapeName: string,
  at: { readonly field: string; readonly inside: (value: unknown) => unknown; depth: number },
): Generator<Fault> {
  const { field, inside, depth } = at
  const shape = shapeOf(model, shapeName)
  const fault = (value: unknown, message: RegExp): Fault => ({
    input: inside(value),
    field,
    message,
  })
  if (depth > DEPTH_MAX) return
  if (depth > 0) yield fault(shape.type === 'boolean' ? 'yes' : true, wrongType(shape.type))
  switch (shape.type) {
    case 'structure':
      for (const [name, member] of Object.entries(shape.members ?? {})) {
        const path = field === '' ? name : `${field}.${name}`
        if (shape.required?.includes(name) === true) {
          yield { input: inside({}), field: path, message: /not be null/ }
        }
        yield* faultsOf(model, member.shape, {
          field: path,
          inside: (value) => inside({ [name]: value }),
          depth: depth + 1,
        })
      }
      break
    case 'list':
      if (shape.max !== undefined) yield fault(Array(shape.max + 1).fill('x'), /length/)
      yield* faultsOf(model, shape.member!.shape, {
        field: `${field}.1.member`,
        inside: (value) => inside([value]),
        depth: depth + 1,
      })
      break
    case 'string':
      yield fault('a\u0000b', /be text/)
      if (shape.max !== undefined) yield fault('x'.repeat(shape.max + 1), /length/)
      if ((shape.min ?? 0) > 0) yield fault('', /length/)
      if (shape.enum !== undefined) yield fault('NONE_OF_THEM', /enum value set/)
      else if (shape.pattern !== undefined) {
        const wrong = strangerTo(shape.pattern, shape.min ?? 0)
        if (wrong !== undefined) yield fault(wrong, /pattern/)
      }
      break
    case 'integer':
    case 'long':
      if (shape.max !== undefined) yield fault(shape.max + 1, /less than or equal/)
      if (shape.min !== undefined) yield fault(shape.min - 1, /greater than or equal/)
      break
    case 'map':
      if (shape.max !== undefined) {
        const entries = Array.from({ length: shape.max + 1 }, (_, index) => [`x${index}`, 'x'])
        yield fault(Object.fromEntries(entries), /length/)
      }
      yield* faultsOf(model, shape.value!.shape, {
        field: `${field}.key.member`,
        inside: (value) => inside({ key: value }),
        depth: depth + 1,
      })
      break
    // Nothing but their type is wrong of these.
    case 'boolean':
    case 'timestamp':
    case 'blob':
    case 'float':
    case 'double':
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

const service = new Landfall({ db: undefined as never })

for (const [model, names] of [
  [MGN_MODEL, Object.keys(service.operations.mgn)],
  [IAM_MODEL, Object.keys(iamOperations)],
  [STS_MODEL, Object.keys(stsOperations)],
  [EC2_MODEL, Object.keys(service.operations.ec2)],
  [SSM_MODEL, Object.keys(service.operations.ssm)],
] as const) {
  test(`${model.signingName}: whatever is wrong in an input is refused by its name`, (t) => {
    let count = 0
    for (const name of names) {
      const shape = model.operations[name]?.input
      if (shape === undefined) continue
      const read = createInputReader(model, shape)
      const root = { field: '', inside: (value: unknown) => value, depth: 0 }
      for (const { input, field, message } of faultsOf(model, shape, root)) {
        count += 1
        const what = `${name} ${field} ${JSON.stringify(input)?.slice(0, 200)}`
        assert.match(refusalOf(read, input, field), message, what)
      }
    }
    t.diagnostic(`${count} inputs of ${names.length} operations`)
    assert.ok(count > 0)
  })
}

/** What is said of the field; nothing when the input was taken. */
function refusalOf(read: (input: unknown) => object, input: unknown, field: string): string {
  try {
    read(input)
    return 'was taken'
  } catch (error) {
    if (!(error instanceof LandfallError)) throw error
    const problems = error.details.fields?.filter(({ name }) => name === field) ?? []
    return problems.map(({ message }) => message).join('; ') || 'is not named'
  }
}

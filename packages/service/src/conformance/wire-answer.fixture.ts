import assert from 'node:assert/strict'
import { SSM_ANSWERS } from './conforming.fixture.ts'
import { createInputReader } from '../http/read-input.ts'
import { MODELS, operationOf, type ServiceName } from './service-client.fixture.ts'
import {
  EC2_MODEL,
  shapeOf,
  type ModelOperation,
  type ServiceModel,
} from '../http/service-model.ts'
import type { Answer } from '../http/test-client.ts'
import { childrenOf, fromXml, parseXml, type Element } from './xml-answer.fixture.ts'

const CONTENT_TYPES: Readonly<Record<ServiceName, string>> = {
  mgn: 'application/json',
  iam: 'text/xml',
  sts: 'text/xml',
  ec2: 'text/xml',
  ssm: 'application/x-amz-json-1.1',
}

/**
 * The output that was sent. Fails when status, headers or body are not what the model says: what is
 * unknown to it, a wrong type or form, a required member that is missing, a limit that is passed.
 */
export function readOutput(service: ServiceName, name: string, answer: Answer): object {
  const model = MODELS[service]
  const operation = operationOf(service, name)
  assert.equal(answer.status, operation.http.responseCode ?? 200, answer.text)
  if (answer.status === 204) {
    assert.equal(answer.text, '')
    return {}
  }
  requireHeaders(service, answer)
  const output =
    CONTENT_TYPES[service] === 'text/xml'
      ? outputInXml(model, name, operation, answer)
      : outputInJson(model, operation, answer)
  const answers = service === 'ssm' ? SSM_ANSWERS : model
  return operation.output === undefined ? output : conforming(answers, operation.output, output)
}

export interface Refusal {
  readonly code: string
  readonly message: string
}

/** Why a call was refused. Fails when that is not told as the service's protocol does. */
export function readRefusal(service: ServiceName, answer: Answer): Refusal {
  const model = MODELS[service]
  requireHeaders(service, answer)
  const refusal =
    service === 'ec2'
      ? refusalOfEc2(answer)
      : CONTENT_TYPES[service] === 'text/xml'
        ? refusalInXml(model, answer)
        : refusalInJson(model, answer)
  const { error } = errorShape(model, refusal.code) ?? {}
  if (error !== undefined) assert.equal(answer.status, error.httpStatusCode, refusal.code)
  return refusal
}

/** Whether the operation's model names this error. */
export function isDeclared(service: ServiceName, operation: string, code: string): boolean {
  const model = MODELS[service]
  return operationOf(service, operation).errors.some((name) => codeOf(model, name) === code)
}

function codeOf(model: ServiceModel, shapeName: string): string {
  return model.shapes[shapeName]?.error?.code ?? shapeName
}

function errorShape(model: ServiceModel, code: string) {
  const name = Object.keys(model.shapes).find((one) => codeOf(model, one) === code)
  return name === undefined ? undefined : model.shapes[name]
}

function requireHeaders(service: ServiceName, { headers, text }: Answer) {
  assert.equal(String(headers['content-type']).split(';')[0], CONTENT_TYPES[service], text)
  assert.match(String(headers['x-amzn-requestid']), /^[0-9a-f-]{36}$/)
}

/** What AWS sends as an empty list too, although the shape, which inputs share, has an item. */
const EMPTY_AT_AWS: ReadonlySet<string> = new Set(['InvalidParameters'])

/** Holds it to required members, enums, patterns and limits, as inputs are. */
function conforming(model: ServiceModel, shapeName: string, value: object): object {
  const held = Object.entries(value).filter(
    ([name, member]) => !(EMPTY_AT_AWS.has(name) && Array.isArray(member) && member.length === 0),
  )
  createInputReader(model, shapeName)(Object.fromEntries(held))
  return value
}

function outputInJson(model: ServiceModel, { output }: ModelOperation, { text }: Answer): object {
  const value: unknown = JSON.parse(text)
  if (output !== undefined) return fromJson(model, output, value, output) as object
  assert.deepEqual(value, {}, 'the model has no output')
  return {}
}

/** Fails on members that the model does not know, and on nulls, which AWS does not send. */
function fromJson(model: ServiceModel, shapeName: string, value: unknown, path: string): unknown {
  const shape = shapeOf(model, shapeName)
  if (Array.isArray(value)) {
    return value.map((item, index) =>
      fromJson(model, shape.member!.shape, item, `${path}.${index}`),
    )
  }
  assert.notEqual(value, null, `${path} is null`)
  if (shape.type === 'timestamp') {
    assert.ok(typeof value === 'number', `${path} is not seconds since 1970, but ${String(value)}`)
    return new Date(value * 1000)
  }
  if (typeof value !== 'object') return value
  const entries = Object.entries(value as object).map(([key, member]) => {
    const of = shape.type === 'map' ? shape.value : shape.members?.[key]
    assert.ok(of !== undefined, `${path} has no member ${key}`)
    return [key, fromJson(model, of.shape, member, `${path}.${key}`)] as const
  })
  return Object.fromEntries(entries)
}

function outputInXml(
  model: ServiceModel,
  name: string,
  { output, resultWrapper }: ModelOperation,
  { text }: Answer,
): object {
  const root = parseXml(text)
  assert.deepEqual([root.name, root.namespace], [`${name}Response`, model.xmlNamespace])
  if (model === EC2_MODEL) {
    const [requestId, ...members] = root.children
    assert.equal(requestId?.name, 'requestId')
    if (output !== undefined) {
      return fromXml(model, output, { ...root, children: members }) as object
    }
    assert.deepEqual(
      members.map((one) => [one.name, one.text]),
      [['return', 'true']],
    )
    return {}
  }
  const wrappers = resultWrapper === undefined ? [] : [resultWrapper]
  const parts: Readonly<Record<string, Element>> = childrenOf(root, [
    ...wrappers,
    'ResponseMetadata',
  ])
  childrenOf(parts['ResponseMetadata']!, ['RequestId'])
  if (output === undefined || resultWrapper === undefined) return {}
  return fromXml(model, output, parts[resultWrapper]!) as object
}

function refusalInJson(model: ServiceModel, { headers, text }: Answer): Refusal {
  const { __type: type, ...body } = JSON.parse(text) as Record<string, unknown>
  const code = String(headers['x-amzn-errortype'])
  assert.ok(type === undefined || type === code, text)
  const shape = model.shapes[code]
  if (shape?.error !== undefined)
    conforming(model, code, fromJson(model, code, body, code) as object)
  return { code, message: String(body['message']) }
}

function refusalInXml(model: ServiceModel, { text }: Answer): Refusal {
  const root = parseXml(text)
  assert.deepEqual([root.name, root.namespace], ['ErrorResponse', model.xmlNamespace])
  const { Error: error } = childrenOf(root, ['Error', 'RequestId'])
  const { Type, Code, Message } = childrenOf(error, ['Type', 'Code', 'Message'])
  assert.match(Type.text, /^(Sender|Receiver)$/)
  return { code: Code.text, message: Message.text }
}

function refusalOfEc2({ text }: Answer): Refusal {
  const root = parseXml(text)
  assert.equal(root.name, 'Response')
  const { Errors: errors } = childrenOf(root, ['Errors', 'RequestID'])
  const { Error: error } = childrenOf(errors, ['Error'])
  const { Code, Message } = childrenOf(error, ['Code', 'Message'])
  return { code: Code.text, message: Message.text }
}

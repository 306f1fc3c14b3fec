import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestService as Landfall } from '../test-service.ts'
import { EC2_MODEL, IAM_MODEL, MGN_MODEL, SSM_MODEL, STS_MODEL } from './service-model.ts'
import { send, signed, type Answer, type Call } from './test-client.ts'
import { startTestService, type TestService } from './test-service.ts'

const REQUESTS = 2000
/** A failure is repeated by its seed. */
const SEED = 20_261_128

/** Deterministic numbers below a bound (a linear congruential generator). */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const random = randomNumbers(SEED)
const oneOf = <T>(values: readonly T[]): T => values[random(values.length)]!

const deep = (depth: number): unknown => (depth === 0 ? 1 : [deep(depth - 1)])

const VALUES: readonly (() => unknown)[] = [
  () => null,
  () => '',
  () => '\u0000',
  () => 'x\u0000y',
  () => '\ud800',
  () => 'x'.repeat(random(70_000)),
  () => '${jndi:ldap://127.0.0.1/a}',
  () => "'; drop table users; --",
  () => '../../../../etc/passwd',
  () => '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>',
  () => 's-0123456789abcdef0',
  () => 'arn:aws:mgn:lf-local-1:123456789012:source-server/s-0123456789abcdef0',
  () => 'arn:aws:mgn:lf-local-1:123456789012:source-server/*',
  () => Number.MAX_VALUE,
  () => -1,
  () => 2 ** 53,
  () => 1.5,
  () => true,
  () => [],
  () => ({}),
  () => deep(1 + random(500)),
  () => ({ __proto__: { isAdmin: true }, constructor: { prototype: {} } }),
  () => JSON.parse('{"__proto__": {"tags": {"a": "b"}}}') as unknown,
  () => Array(random(2000)).fill('s-0123456789abcdef0'),
  () => Object.fromEntries(Array.from({ length: random(100) }, (_, index) => [`k${index}`, '\n'])),
  () => Buffer.from(JSON.stringify({ after: oneOf([-1, 1e300, null, {}]) })).toString('base64url'),
]
const anyValue = () => oneOf(VALUES)()

/** An input with some of the operation's own members, and some of nobody's. */
function hostileInput(model: typeof MGN_MODEL, name: string): Record<string, unknown> {
  const shape = model.shapes[model.operations[name]?.input ?? '']
  const members = [...Object.keys(shape?.members ?? {}), 'unknown', '__proto__', 'accountID']
  const entries = members.filter(() => random(3) > 0).map((member) => [member, anyValue()])
  return Object.fromEntries(entries) as Record<string, unknown>
}

/** As it goes into a form or a path, where halves of surrogates cannot. */
function textOf(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  return text.toWellFormed()
}

const TRUNCATED = /.{0,20}$/s

function restJson(): Call {
  const [name, { http }] = oneOf(Object.entries(MGN_MODEL.operations))
  const text = JSON.stringify(hostileInput(MGN_MODEL, name))
  const body = random(10) === 0 ? text.replace(TRUNCATED, '') : text
  const path = http.requestUri.replace('{resourceArn}', encodeURIComponent(textOf(anyValue())))
  const { method } = http
  return { method, path: path.slice(0, 4000), ...(method === 'POST' && { body }) }
}

function form(model: typeof IAM_MODEL): Call {
  const name = oneOf([...Object.keys(model.operations), 'Nothing', ''])
  const input = Object.entries(hostileInput(model, name)).map(([key, value]) => [
    random(5) === 0 ? `${key}.member.${random(5000)}` : key,
    textOf(value),
  ])
  const body = new URLSearchParams([
    ['Action', name],
    ['Version', '1'],
    ...(input as [string, string][]),
  ])
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  return { path: '/', body: body.toString(), headers }
}

function jsonTarget(): Call {
  const name = oneOf([...Object.keys(SSM_MODEL.operations), 'Nothing', ''])
  const body = JSON.stringify(hostileInput(SSM_MODEL, name))
  return { path: '/', body, headers: { 'x-amz-target': `AmazonSSM.${name}` } }
}

async function signedCall(service: TestService): Promise<Call> {
  switch (random(6)) {
    case 0:
      return signed(service, form(IAM_MODEL), { service: 'iam' })
    case 1:
      return signed(service, form(STS_MODEL), { service: 'sts' })
    case 2:
      return signed(service, form(EC2_MODEL), { service: 'ec2' })
    case 3:
      return signed(service, jsonTarget(), { service: 'ssm' })
    default:
      return signed(service, restJson())
  }
}

const HEADER_VALUES = [
  () => '',
  () => 'AWS4-HMAC-SHA256',
  () => 'AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, SignedHeaders=, Signature=',
  () => `AWS4-HMAC-SHA256 Credential=${'/'.repeat(random(500))}, SignedHeaders=host, Signature=0`,
  () => `Bearer ${'x'.repeat(random(4000))}`,
  () => Buffer.alloc(random(3000), 1).toString('base64'),
  () => '20261301T250000Z',
  () => '-1',
]

/** A call that was signed, with one of its headers changed afterwards. */
function tampered(call: Call): Call {
  const header = oneOf([
    'authorization',
    'x-amz-date',
    'x-amz-security-token',
    'x-amz-content-sha256',
  ])
  return { ...call, headers: { ...call.headers, [header]: oneOf(HEADER_VALUES)() } }
}

/** Every refusal has the shape of its protocol. */
function requireShape(answer: Answer) {
  const type = String(answer.headers['content-type'])
  if (type.startsWith('text/xml')) assert.match(answer.text, /<Code>\w+(\.\w+)?<\/Code>/)
  else if (type.startsWith('application/x-amz-json')) assert.match(answer.text, /"__type":"\w+"/)
  else {
    assert.match(String(answer.headers['x-amzn-errortype']), /^\w+$/)
    assert.equal(typeof answer.body['message'], 'string')
  }
}

test(`${REQUESTS} hostile requests are refused in shape, and nothing breaks or leaks`, async (t) => {
  const service = await startTestService(t, (db) => new Landfall({ db }).operations)
  const { secretAccessKey } = service.administrator
  const statuses = new Map<number, number>()
  for (let count = 0; count < REQUESTS; count++) {
    const call = await signedCall(service)
    const sent = random(4) === 0 ? tampered(call) : call
    const answer = await send(service, sent)
    const what = `request ${count}: ${sent.path} ${String(sent.body).slice(0, 300)} → ${answer.text}`
    assert.ok(answer.status < 500, what)
    if (answer.status >= 400) requireShape(answer)
    assert.ok(!answer.text.includes(secretAccessKey), what)
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
  }
  t.diagnostic([...statuses].map(([status, count]) => `${status}: ${count}`).join(', '))
  assert.ok(!service.log.join('\n').includes(secretAccessKey))
  // Still there, and still itself.
  const alive = await send(service, await signed(service, { path: '/DescribeJobs', body: '{}' }))
  assert.equal(alive.status, 200)
})

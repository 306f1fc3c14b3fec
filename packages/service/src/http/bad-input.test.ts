import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LandfallError } from '@landfall/model'
import type { OperationGroup } from './operation.ts'
import { send, signed, type Answer, type Call } from './test-client.ts'
import { startTestService, type TestService } from './test-service.ts'

const minutes = (count: number) => count * 60_000

async function sendSigned(
  service: TestService,
  call: Call,
  options?: Parameters<typeof signed>[2],
): Promise<Answer> {
  return await send(service, await signed(service, call, options))
}

function assertError(answer: Answer, status: number, type: string, message: RegExp): void {
  assert.equal(answer.status, status, answer.text)
  assert.equal(answer.headers['x-amzn-errortype'], type)
  assert.match(String(answer.body['message']), message)
}

const describe = { path: '/DescribeJobs', body: '{}' }
const working: OperationGroup = { mgn: { DescribeJobs: async () => ({ items: [] }) } }

test('a signature counts only for what was signed, where, when and by whom', async (t) => {
  const service = await startTestService(t, working)
  assert.equal((await sendSigned(service, describe)).status, 200)

  const good = await signed(service, describe)
  const authorization = good.headers['authorization']!
  const change = (changes: Record<string, string>) =>
    send(service, { ...good, headers: { ...good.headers, ...changes } })
  const mismatch = /does not match the signature you provided/

  const lastDigit = authorization.endsWith('0') ? '1' : '0'
  const forged = authorization.slice(0, -1) + lastDigit
  assertError(await change({ authorization: forged }), 403, 'InvalidSignatureException', mismatch)
  const truncated = authorization.slice(0, -10)
  assertError(
    await change({ authorization: truncated }),
    403,
    'InvalidSignatureException',
    mismatch,
  )

  const unsignedBody = { ...good, body: '{"x":1}' }
  const contentHash = /x-amz-content-sha256/
  assertError(await send(service, unsignedBody), 403, 'InvalidSignatureException', contentHash)
  const { 'x-amz-content-sha256': _hash, ...withoutHash } = good.headers
  assertError(
    await send(service, { ...unsignedBody, headers: withoutHash }),
    403,
    'InvalidSignatureException',
    mismatch,
  )
  assertError(
    await send(service, { ...good, path: '/DescribeJobs?x=1' }),
    403,
    'InvalidSignatureException',
    mismatch,
  )
  assertError(
    await send(service, { ...good, path: '/DescribeSourceServers' }),
    403,
    'InvalidSignatureException',
    mismatch,
  )
  assertError(await change({ host: 'localhost' }), 403, 'InvalidSignatureException', mismatch)

  const scoped = (options: Parameters<typeof signed>[2]) => sendSigned(service, describe, options)
  assertError(await scoped({ region: 'eu-west-1' }), 403, 'InvalidSignatureException', /lf-local-1/)
  assertError(await scoped({ service: 'iam' }), 403, 'InvalidSignatureException', /'mgn'/)

  const unknown = authorization.replace(service.administrator.accessKeyId, 'AKIANOBODY')
  assertError(
    await change({ authorization: unknown }),
    403,
    'UnrecognizedClientException',
    /security token/,
  )
  assertError(
    await change({ 'x-amz-security-token': 'temporary' }),
    403,
    'UnrecognizedClientException',
    /security token/,
  )
})

test('an incomplete or missing signature says what it lacks', async (t) => {
  const service = await startTestService(t, working)
  const { headers } = await signed(service, describe)
  const answerTo = (changes: Record<string, string>) =>
    send(service, { ...describe, headers: { ...headers, ...changes } })
  const authorization = headers['authorization']!
  const incomplete = 'IncompleteSignatureException'

  assertError(await send(service, describe), 403, 'MissingAuthenticationTokenException', /Missing/)
  assertError(await answerTo({ authorization: 'Basic YTpi' }), 400, incomplete, /AWS4-HMAC-SHA256/)
  assertError(
    await answerTo({ authorization: 'AWS4-HMAC-SHA256' }),
    400,
    incomplete,
    /'Credential'/,
  )
  const noScope = authorization.replace('/aws4_request', '')
  assertError(await answerTo({ authorization: noScope }), 400, incomplete, /slash-delimited/)
  const noHost = authorization.replace('host;', '')
  assertError(await answerTo({ authorization: noHost }), 400, incomplete, /'host' must be a signed/)
  const noDate = authorization.replace('x-amz-date', 'x-amz-other')
  assertError(await answerTo({ authorization: noDate }), 400, incomplete, /'x-amz-date'/)
  assertError(await answerTo({ 'x-amz-date': 'now' }), 400, incomplete, /ISO-8601/)
  const otherDay = authorization.replace(/\/\d{8}\//, '/20200101/')
  assertError(
    await answerTo({ authorization: otherDay }),
    403,
    'InvalidSignatureException',
    /scope/,
  )
})

test('a clock more than five minutes off is told both times', async (t) => {
  const service = await startTestService(t, working)
  for (const [offset, message] of [
    [minutes(6), /^Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z/],
    [-minutes(6), /^Signature not yet current: /],
  ] as const) {
    service.setClockOffsetMs(offset)
    assertError(await sendSigned(service, describe), 403, 'InvalidSignatureException', message)
  }
  for (const offset of [minutes(4), -minutes(4)]) {
    service.setClockOffsetMs(offset)
    assert.equal((await sendSigned(service, describe)).status, 200)
  }
})

test('input that is not as the model says is refused with its fields', async (t) => {
  const reached: object[] = []
  const service = await startTestService(t, {
    mgn: {
      DescribeJobs: async (input) => (reached.push(input), { items: [] }),
      ChangeServerLifeCycleState: async (input) => (reached.push(input), {}),
    },
  })
  for (const body of ['{', '[]', '"x"', '1', 'null', new Uint8Array([0x7b, 0xff, 0x7d])]) {
    const answer = await sendSigned(service, { path: '/DescribeJobs', body })
    assertError(answer, 400, 'ValidationException', /not a JSON object/)
    assert.equal(answer.body['reason'], 'cannotParse')
  }
  const id = 's-0123456789abcdef0'
  for (const [path, body, field, message] of [
    ['ChangeServerLifeCycleState', { sourceServerID: id }, 'lifeCycle', /not be null/],
    ['ChangeServerLifeCycleState', { sourceServerID: null }, 'sourceServerID', /not be null/],
    [
      'ChangeServerLifeCycleState',
      { sourceServerID: id, lifeCycle: { state: 'TESTED' } },
      'lifeCycle.state',
      /enum value set: \[READY_FOR_TEST, READY_FOR_CUTOVER, CUTOVER\]/,
    ],
    [
      'ChangeServerLifeCycleState',
      { sourceServerID: 's-0123456789abcdef', lifeCycle: { state: 'CUTOVER' } },
      'sourceServerID',
      /length greater than or equal to 19/,
    ],
    [
      'ChangeServerLifeCycleState',
      { sourceServerID: 's-0123456789abcdef!', lifeCycle: { state: 'CUTOVER' } },
      'sourceServerID',
      /pattern/,
    ],
    [
      'ChangeServerLifeCycleState',
      { sourceServerID: id, lifeCycle: 'x' },
      'lifeCycle',
      /structure/,
    ],
    ['DescribeJobs', { maxResults: 1001 }, 'maxResults', /less than or equal to 1000/],
    ['DescribeJobs', { maxResults: 0 }, 'maxResults', /greater than or equal to 1/],
    ['DescribeJobs', { maxResults: 1.5 }, 'maxResults', /an integer/],
    ['DescribeJobs', { maxResults: '5' }, 'maxResults', /an integer/],
    ['DescribeJobs', { filters: { jobIDs: 'x' } }, 'filters.jobIDs', /a list/],
    ['DescribeJobs', { filters: { jobIDs: ['x'] } }, 'filters.jobIDs.1.member', /length/],
    ['DescribeJobs', { filters: { jobIDs: Array(1001).fill('x') } }, 'filters.jobIDs', /length/],
  ] as const) {
    const answer = await sendSigned(service, { path: `/${path}`, body: JSON.stringify(body) })
    assertError(answer, 400, 'ValidationException', /validation errors? detected/)
    assert.equal(answer.body['reason'], 'fieldValidationFailed')
    const fields = answer.body['fieldList'] as { name: string; message: string }[]
    const found = fields.find(({ name }) => name === field)
    assert.match(found?.message ?? `no field ${field}`, message)
  }
  assert.deepEqual(reached, [])
  const unknown = JSON.stringify({ maxResults: 5, unknown: { a: 1 }, nextToken: null })
  assert.equal((await sendSigned(service, { path: '/DescribeJobs', body: unknown })).status, 200)
  assert.deepEqual(reached, [{ maxResults: 5 }])
})

test("every expected failure of an operation has MGN's shape and status", async (t) => {
  const resource = { resourceId: 's-1', resourceType: 'SourceServer' }
  let failure: Error = new Error('unset')
  const service = await startTestService(t, {
    mgn: { DescribeJobs: async () => await Promise.reject(failure) },
  })
  const answerTo = async (error: Error) => {
    failure = error
    return await sendSigned(service, describe)
  }
  let answer = await answerTo(new LandfallError('not_found', 'No such server', { resource }))
  assertError(answer, 404, 'ResourceNotFoundException', /^No such server$/)
  assert.deepEqual(answer.body, { message: 'No such server', code: 'not_found', ...resource })

  const errors = [{ ...resource, code: 'conflict', message: 'It is testing' }]
  answer = await answerTo(new LandfallError('conflict', 'Not now', { resource, errors }))
  assertError(answer, 409, 'ConflictException', /^Not now$/)
  assert.deepEqual(answer.body['errors'], errors)

  const quota = { code: 'L-1', value: 20 }
  answer = await answerTo(new LandfallError('quota_exceeded', 'Too many', { quota }))
  assertError(answer, 402, 'ServiceQuotaExceededException', /Too many/)
  assert.equal(answer.body['quotaValue'], 20)

  answer = await answerTo(new LandfallError('throttled', 'Slow down'))
  assertError(answer, 429, 'ThrottlingException', /Slow down/)
  assert.equal(answer.headers['retry-after'], '1')

  answer = await answerTo(new LandfallError('validation', 'Bad disk'))
  assertError(answer, 400, 'ValidationException', /Bad disk/)
  assert.equal(answer.body['reason'], 'other')
  answer = await answerTo(new LandfallError('access_denied', 'No'))
  assertError(answer, 403, 'AccessDeniedException', /No/)
  answer = await answerTo(new LandfallError('uninitialized_account', 'First'))
  assertError(answer, 400, 'UninitializedAccountException', /First/)
  answer = await answerTo(new LandfallError('unavailable', 'The staging area is away'))
  assertError(answer, 500, 'InternalServerException', /staging area is away/)

  service.log.length = 0
  answer = await answerTo(new Error('password=hunter2', { cause: new TypeError('secret') }))
  assertError(answer, 500, 'InternalServerException', /Its log has the details/)
  assert.doesNotMatch(answer.text, /hunter2|secret/)
  assert.match(service.log.join(), /hunter2[^]*secret/)
  assert.ok(service.log.join().includes(String(answer.headers['x-amzn-requestid'])))
})

test('what the service does not have is named, whether AWS has it or not', async (t) => {
  const service = await startTestService(t, {})
  for (const [call, message] of [
    [{ path: '/CreateWave', body: '{}' }, /does not support CreateWave/],
    [
      { path: '/network-migration/ListNetworkMigrationDefinitions', body: '{}' },
      /does not support ListNetworkMigrationDefinitions/,
    ],
  ] as const) {
    const answer = await sendSigned(service, call)
    assertError(answer, 400, 'ValidationException', message)
    assert.equal(answer.body['reason'], 'unknownOperation')
  }
  assertError(
    await send(service, { path: '/Nothing' }),
    400,
    'ValidationException',
    /no operation POST \/Nothing/,
  )
  const query = { path: '/', body: 'Action=CreateGroup&Version=2010-05-08' }
  const answer = await sendSigned(service, query, { service: 'iam' })
  assert.equal(answer.status, 400)
  assert.match(answer.text, /<Code>InvalidAction<\/Code>.*CreateGroup/)
  const path = await send(service, { method: 'GET', path: '/tags/%E0%A4%A' })
  assertError(path, 400, 'ValidationException', /./)
})

test('a body that is too large is refused before it is read', async (t) => {
  const service = await startTestService(t, working)
  const body = new Uint8Array(1024 * 1024 + 1)
  const call = await signed(service, { path: '/DescribeJobs', body })
  assertError(await send(service, call), 413, 'RequestEntityTooLargeException', /1048576/)
})

test('another account cannot be acted on', async (t) => {
  const service = await startTestService(t, working)
  const body = JSON.stringify({ accountID: '999999999999' })
  const answer = await sendSigned(service, { path: '/DescribeJobs', body })
  assertError(answer, 403, 'AccessDeniedException', /999999999999/)
  const own = JSON.stringify({ accountID: '123456789012' })
  assert.equal((await sendSigned(service, { path: '/DescribeJobs', body: own })).status, 200)
})

test('software is served to everyone, and nothing beside it', async (t) => {
  const service = await startTestService(t, {})
  const get = (path: string) => send(service, { method: 'GET', path })
  const installer = await get('/latest/linux/landfall-replication-installer-init')
  assert.equal(installer.status, 200)
  assert.equal(installer.text, '#!/bin/sh\n')
  assert.equal((await get('/ping')).status, 200)
  for (const name of [
    'nothing',
    '..%2Fcredentials.json',
    '%2e%2e%2fcredentials.json',
    '../../credentials.json',
    '.hidden',
    '..',
    'a%00b',
    '%2Fetc%2Fpasswd',
  ]) {
    const answer = await get(`/latest/linux/${name}`)
    assert.ok(answer.status === 404 || answer.status === 400, `${name}: ${answer.status}`)
    assert.doesNotMatch(answer.text, /secretAccessKey|root:/)
  }
})

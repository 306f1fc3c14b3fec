import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { request } from 'node:https'
import path from 'node:path'
import { test } from 'node:test'
import type { CertificateAuthority } from '../identity/certificate-authority.ts'
import { prepareCertificates } from '../identity/certificate-files.ts'
import type { CallContext } from './operation.ts'
import { send } from './test-client.ts'
import { startTestService, type TestService } from './test-service.ts'

async function agentCertificate(authority: CertificateAuthority, sourceServerID: string) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const publicKeyPem = publicKey.export({ format: 'pem', type: 'spki' }) as string
  const { certificatePem } = await authority.issueAgentCertificate({ sourceServerID, publicKeyPem })
  const key = privateKey.export({ format: 'pem', type: 'pkcs8' }) as string
  return { cert: certificatePem, key }
}

async function stagingCertificate(service: TestService) {
  const read = (file: string) => readFile(path.join(service.folder, 'ca', file), 'utf8')
  return { cert: await read('staging.crt'), key: await read('staging.key') }
}

const caller = async (_input: object, context: CallContext) => context.caller

const operations = {
  mgn: { DescribeJobs: async () => ({ items: [] }) },
  forMgn: {
    GetAgentCommandForMgn: caller,
    GetChannelCommandsForMgn: caller,
    RegisterAgentForMgn: caller,
    UpdateAgentConversionInfoForMgn: caller,
  },
}

test("an agent's certificate opens its own server's operations only", async (t) => {
  const service = await startTestService(t, operations)
  const tls = await agentCertificate(service.certificates.authority, 's-1')
  const call = (name: string, input: object) =>
    send(service, { path: `/${name}`, body: JSON.stringify(input), tls })

  const own = await call('GetAgentCommandForMgn', { sourceServerID: 's-1', waitSeconds: 0 })
  assert.equal(own.status, 200, own.text)
  assert.deepEqual(own.body, { kind: 'agent', sourceServerID: 's-1' })
  for (const [name, input] of [
    ['GetAgentCommandForMgn', { sourceServerID: 's-2' }],
    ['GetAgentCommandForMgn', { sourceServerID: ['s-1', 's-2'] }],
    [
      'GetAgentCommandForMgn',
      {
        sourceServerID: 's-2',
        sourceServerIDs: ['s-1'],
        resourceArn: 'arn:aws:mgn:lf-local-1:123456789012:source-server/s-1',
      },
    ],
    ['GetChannelCommandsForMgn', {}],
    ['RegisterAgentForMgn', {}],
    ['DescribeJobs', {}],
  ] as const) {
    const answer = await call(name, input)
    assert.equal(answer.status, 403, `${name} ${answer.text}`)
    assert.equal(answer.headers['x-amzn-errortype'], 'AccessDeniedException')
  }
})

test("the replication server's certificate opens the channel and nothing of the agents", async (t) => {
  const service = await startTestService(t, operations)
  const tls = await stagingCertificate(service)
  const channel = await send(service, { path: '/GetChannelCommandsForMgn', body: '{}', tls })
  assert.deepEqual(channel.body, {
    kind: 'replication-server',
    replicationServerID: service.certificates.replicationServerID,
  })
  const agent = { path: '/GetAgentCommandForMgn', body: '{"sourceServerID":"s-1"}', tls }
  assert.equal((await send(service, agent)).status, 403)
})

test("a stranger's certificate, an expired one and the service's own count for nothing", async (t) => {
  const service = await startTestService(t, operations)
  const body = '{"sourceServerID":"s-1"}'
  const stranger = await prepareCertificates({
    folder: path.join(service.folder, 'other'),
    addresses: [],
    stagingOwner: service.folder,
    now: () => new Date(),
  })
  const longAgo = await prepareCertificates({
    folder: path.join(service.folder, 'ca'),
    addresses: [],
    stagingOwner: service.folder,
    now: () => new Date('2010-01-01'),
  })
  const read = (file: string) => readFile(path.join(service.folder, 'ca', file), 'utf8')
  for (const tls of [
    await agentCertificate(stranger.authority, 's-1'),
    await agentCertificate(longAgo.authority, 's-1'),
    { cert: await read('service.crt'), key: await read('service.key') },
  ]) {
    const answer = await send(service, { path: '/GetAgentCommandForMgn', body, tls })
    assert.equal(answer.status, 403)
    assert.equal(answer.headers['x-amzn-errortype'], 'UnrecognizedClientException')
  }
  const instance = await send(service, { path: '/UpdateAgentConversionInfoForMgn', body: '{}' })
  assert.deepEqual(instance.body, { kind: 'anonymous' })
  const none = await send(service, { path: '/GetAgentCommandForMgn', body })
  assert.equal(none.headers['x-amzn-errortype'], 'MissingAuthenticationTokenException')
})

test('an operation is told when its client goes away', async (t) => {
  const gone = Promise.withResolvers<void>()
  const service = await startTestService(t, {
    forMgn: {
      GetAgentCommandForMgn: async (_input: object, { signal }: CallContext) => {
        signal.addEventListener('abort', () => gone.resolve())
        await gone.promise
        throw signal.reason
      },
    },
  })
  const tls = await agentCertificate(service.certificates.authority, 's-1')
  const poll = request(`${service.url}/GetAgentCommandForMgn`, {
    method: 'POST',
    ca: await readFile(service.caFile),
    agent: false,
    ...tls,
  })
  poll.on('error', () => {})
  poll.end('{"sourceServerID":"s-1"}')
  await new Promise((resolve) => poll.once('finish', resolve))
  setTimeout(() => poll.destroy(), 300)
  await gone.promise
  assert.deepEqual(service.log, [])
})

test('a call that waits is answered when the service stops', async (t) => {
  const waiting = Promise.withResolvers<void>()
  const service = await startTestService(t, {
    forMgn: {
      GetAgentCommandForMgn: async (_input: object, { signal }: CallContext) => {
        const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve))
        waiting.resolve()
        await aborted
        throw signal.reason
      },
    },
  })
  const tls = await agentCertificate(service.certificates.authority, 's-1')
  const call = { path: '/GetAgentCommandForMgn', body: '{"sourceServerID":"s-1"}', tls }
  const answer = send(service, call)
  await waiting.promise
  await Promise.all([service.stop(), answer])
  assert.equal((await answer).status, 500)
  assert.equal((await answer).body['message'], 'The service is stopping. Try again.')
})

import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { AgentClient } from './agent-client.ts'
import { HttpsTransport } from './https-transport.ts'
import {
  failureOf,
  FakeRefusal,
  FakeService,
  TEST_KEY,
  TEST_REGION,
  TEST_SERVER_ID,
} from './fake-service.ts'
import { InstallerClient } from './installer-client.ts'

function installerClient(
  t: TestContext,
  service: { endpoint: string; caPem?: string },
  credentials = TEST_KEY,
) {
  const client = new InstallerClient({
    endpoint: new URL(service.endpoint),
    region: TEST_REGION,
    credentials,
    ...(service.caPem === undefined ? {} : { caPem: service.caPem }),
  })
  t.after(() => client.close())
  return client
}

test('signs so that the service accepts the signature', async (t) => {
  const service = await FakeService.start(t)
  const assets = await installerClient(t, service).installationAssets()
  assert.equal(assets.replicationPort, service.port)
})

test('a wrong secret is an InvalidSignatureException, an unknown key its own error', async (t) => {
  const service = await FakeService.start(t)
  const wrong = installerClient(t, service, { ...TEST_KEY, secretAccessKey: 'other' })
  assert.equal((await failureOf(wrong.installationAssets())).errorType, 'InvalidSignatureException')
  const unknown = installerClient(t, service, { ...TEST_KEY, accessKeyId: 'AKIAOTHER' })
  const error = await failureOf(unknown.installationAssets())
  assert.equal(error.errorType, 'UnrecognizedClientException')
  assert.equal(error.code, 'access_denied')
})

test('signs by the clock of the service once it is known', async (t) => {
  const service = await FakeService.start(t)
  service.clockOffsetMs = 3_600_000
  const client = installerClient(t, service)
  await client.ping()
  assert.ok(Math.abs(client.clockOffsetMs - 3_600_000) < 5000)
  await client.installationAssets()
})

test('tells an unknown authority, a wrong name and a silent port apart, with remedies', async (t) => {
  const service = await FakeService.start(t)
  const unknown = await failureOf(installerClient(t, { endpoint: service.endpoint }).ping())
  assert.equal(unknown.failure, 'unknown_ca')
  assert.match(unknown.message, /--ca-file/)

  const endpoint = `https://localhost:${service.port}`
  const named = await failureOf(installerClient(t, { endpoint, caPem: service.caPem }).ping())
  assert.equal(named.failure, 'name_mismatch')
  assert.match(named.message, /localhost.*--endpoint/)

  await service.close()
  const refused = await failureOf(installerClient(t, service).ping())
  assert.equal(refused.failure, 'refused')
  assert.match(refused.message, /Check that the service is running/)

  const dns = await failureOf(installerClient(t, { endpoint: 'https://no-such.invalid' }).ping())
  assert.equal(dns.failure, 'dns')
  assert.match(dns.message, /DNS/)
})

test('tells a port that does not speak TLS and one that never answers', async (t) => {
  const talker = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  })
  const mute = createServer((socket) => socket.on('error', () => {}))
  const port = async (server: typeof talker) => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    t.after(() => server.close())
    return (server.address() as AddressInfo).port
  }
  const plain = { endpoint: `https://127.0.0.1:${await port(talker)}` }
  assert.equal((await failureOf(installerClient(t, plain).ping())).failure, 'not_tls')
  const silent = { endpoint: `https://127.0.0.1:${await port(mute)}` }
  const error = await failureOf(installerClient(t, silent).ping(200))
  assert.equal(error.failure, 'timeout')
  assert.match(error.message, /firewalls/)
})

test('the running agent is known by its certificate, and refused without', async (t) => {
  const service = await FakeService.start(t)
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const certificatePem = await service.issueCertificate(
    publicKey.export({ type: 'spki', format: 'pem' }) as string,
  )
  const keyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  const connection = { endpoint: new URL(service.endpoint), caPem: service.caPem }
  const client = new AgentClient(
    new HttpsTransport({ ...connection, clientCertificate: { keyPem, certificatePem } }),
  )
  t.after(() => client.close())
  const answer = await client.poll(TEST_SERVER_ID)
  assert.equal(answer.configuration.desired, 'REPLICATING')

  const nobody = new AgentClient(new HttpsTransport(connection))
  t.after(() => nobody.close())
  assert.equal((await failureOf(nobody.poll(TEST_SERVER_ID))).status, 403)
})

test('an aborted call throws the reason of the abort', async (t) => {
  const service = await FakeService.start(t)
  service.refusals.set('GetAgentCommandForMgn', new FakeRefusal(500, 'X', 'x'))
  const client = new AgentClient(
    new HttpsTransport({ endpoint: new URL(service.endpoint), caPem: service.caPem }),
  )
  t.after(() => client.close())
  const reason = new Error('enough')
  await assert.rejects(client.poll(TEST_SERVER_ID, { signal: AbortSignal.abort(reason) }), reason)
})

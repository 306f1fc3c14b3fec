import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { AgentClient } from './agent-client.ts'
import { HttpsTransport } from './https-transport.ts'
import { ConnectProxy } from './connect-proxy.fixture.ts'
import { failureOf, FakeService, TEST_KEY, TEST_REGION, TEST_SERVER_ID } from './fake-service.ts'
import { InstallerClient } from './installer-client.ts'
import { proxyFor } from './proxy.ts'

const LIMIT = { timeout: 60_000 }

function installerClient(t: TestContext, service: FakeService, proxy: string) {
  const client = new InstallerClient({
    endpoint: new URL(service.endpoint),
    region: TEST_REGION,
    credentials: TEST_KEY,
    caPem: service.caPem,
    proxy: new URL(proxy),
  })
  t.after(() => client.close())
  return client
}

test(
  'signed calls and mutual TLS go through the proxy, which wants a password',
  LIMIT,
  async (t) => {
    const service = await FakeService.start(t)
    const proxy = await ConnectProxy.start(t)
    proxy.credentials = 'lan user:p@ss%'
    const url = proxy.url.replace('//', '//lan%20user:p%40ss%25@')
    const assets = await installerClient(t, service, url).installationAssets()
    assert.equal(assets.replicationPort, service.port)

    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const publicPem = publicKey.export({ type: 'spki', format: 'pem' }) as string
    const certificatePem = await service.issueCertificate(publicPem)
    const keyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
    const agent = new AgentClient(
      new HttpsTransport({
        endpoint: new URL(service.endpoint),
        caPem: service.caPem,
        clientCertificate: { keyPem, certificatePem },
        proxy: new URL(url),
      }),
    )
    t.after(() => agent.close())
    for (let call = 0; call < 3; call++) {
      const answer = await agent.poll(TEST_SERVER_ID)
      assert.equal(answer.configuration.desired, 'REPLICATING')
    }
    // One tunnel for each client: they are kept.
    assert.deepEqual(proxy.targets, Array(2).fill(new URL(service.endpoint).host))
  },
)

test('what the proxy refuses names the proxy, and what to do', LIMIT, async (t) => {
  const service = await FakeService.start(t)
  const proxy = await ConnectProxy.start(t)
  proxy.credentials = 'user:right'
  const secret = proxy.url.replace('//', '//user:wrong-password@')
  const wrong = await failureOf(installerClient(t, service, secret).ping())
  assert.equal(wrong.failure, 'proxy')
  assert.match(wrong.message, new RegExp(`^The proxy ${proxy.url} does not accept the user name`))
  assert.ok(!wrong.message.includes('wrong-password'))
  proxy.credentials = ''

  const refused = async (status: number) => {
    proxy.refusal = status
    return (await failureOf(installerClient(t, service, proxy.url).ping())).message
  }
  assert.match(
    await refused(403),
    /does not let 127.* through: .*403\. Allow CONNECT to 127.*no_proxy/,
  )
  assert.match(await refused(503), /cannot reach 127.*503.*Check that the service is running/)
  proxy.refusal = undefined
  await service.close()
  const down = await failureOf(installerClient(t, service, proxy.url).ping())
  assert.match(down.message, /The proxy http.* cannot reach .*502/)
})

test(
  'a proxy that is down, silent, no name or spoken to wrongly is told apart',
  LIMIT,
  async (t) => {
    const service = await FakeService.start(t)
    const proxy = await ConnectProxy.start(t)
    proxy.refusal = 'silent'
    const silent = await failureOf(installerClient(t, service, proxy.url).ping(300))
    assert.equal(silent.failure, 'timeout')
    assert.match(silent.message, /did not answer in time through the proxy http:/)
    while (proxy.clients.size > 0) await sleep(20) // Given up, and not left behind.

    const tls = await failureOf(
      installerClient(t, service, proxy.url.replace('http', 'https')).ping(),
    )
    assert.equal(tls.failure, 'not_tls')
    assert.match(tls.message, /https_proxy begins with http:\/\//)

    const name = await failureOf(installerClient(t, service, 'http://no-such.invalid:3128').ping())
    assert.equal(name.failure, 'dns')
    assert.match(name.message, /name of the proxy http:\/\/no-such\.invalid:3128/)

    const { url } = proxy
    await proxy.close()
    const down = await failureOf(installerClient(t, service, url).ping())
    assert.equal(down.failure, 'refused')
    assert.match(down.message, /The proxy http:.* refused the connection.*no_proxy/)
  },
)

test(
  'a service whose authority is unknown is named as that, with the proxy in between',
  LIMIT,
  async (t) => {
    const service = await FakeService.start(t)
    const proxy = await ConnectProxy.start(t)
    const client = new AgentClient(
      new HttpsTransport({
        endpoint: new URL(service.endpoint),
        proxy: new URL(proxy.url),
      }),
    )
    t.after(() => client.close())
    const error = await failureOf(client.poll(TEST_SERVER_ID))
    assert.equal(error.failure, 'unknown_ca')
    assert.match(error.message, /--ca-file.*through the proxy http:.*must not open TLS/)
  },
)

test('the proxy comes from https_proxy, upper or lower case, with or without a scheme', () => {
  const endpoint = new URL('https://landfall.example:8443')
  const choose = (env: Record<string, string>) => proxyFor(endpoint, env).proxy?.href
  assert.equal(choose({}), undefined)
  assert.equal(choose({ http_proxy: 'http://other:1' }), undefined)
  assert.equal(choose({ HTTPS_PROXY: 'http://proxy:3128' }), 'http://proxy:3128/')
  assert.equal(choose({ https_proxy: 'proxy:3128', HTTPS_PROXY: 'x' }), 'http://proxy:3128/')
  assert.equal(choose({ https_proxy: '', HTTPS_PROXY: 'http://proxy:3128' }), undefined)
  assert.equal(choose({ https_proxy: 'https://u:p@proxy:3128/' }), 'https://u:p@proxy:3128/')
  for (const wrong of ['socks5://u:secret@proxy:1080', 'http://', 'http://u:100%@proxy']) {
    const { proxy, problems } = proxyFor(endpoint, { https_proxy: wrong })
    assert.equal(proxy, undefined, wrong)
    assert.match(problems[0] ?? '', /^https_proxy is not .*http:\/\/USER:PASSWORD@PROXY:3128/)
    assert.ok(!problems[0]?.includes('secret'))
  }
})

test('no_proxy takes names with what is below them, addresses, networks and ports', () => {
  const isDirect = (endpoint: string, exceptions: string) =>
    proxyFor(new URL(endpoint), { https_proxy: 'proxy:1', NO_PROXY: exceptions }).proxy ===
    undefined
  const name = 'https://landfall.example.org:8443'
  for (const entry of [
    '*',
    'example.org',
    '.example.org',
    '*.example.org',
    'a, LANDFALL.example.org',
  ]) {
    assert.ok(isDirect(name, entry), entry)
  }
  for (const entry of ['ample.org', 'landfall', '', 'b.landfall.example.org', 'example.org:443']) {
    assert.ok(!isDirect(name, entry), entry)
  }
  assert.ok(isDirect(name, 'example.org:8443'))
  assert.ok(isDirect('https://example.org', 'example.org:443'))
  const address = 'https://10.20.30.40:8443'
  for (const entry of ['10.20.30.40', '10.0.0.0/8', 'x 10.20.30.40:8443']) {
    assert.ok(isDirect(address, entry), entry)
  }
  for (const entry of ['10.20.30.4', '10.20.30.0/27', '0.30.40', '10.0.0.0/99', 'fd00::/8']) {
    assert.ok(!isDirect(address, entry), entry)
  }
  for (const entry of ['fd00::5', '[fd00::5]', 'fd00::/8', '[fd00::5]:8443']) {
    assert.ok(isDirect('https://[fd00::5]:8443', entry), entry)
  }
})

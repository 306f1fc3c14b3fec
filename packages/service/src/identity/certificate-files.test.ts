import assert from 'node:assert/strict'
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { prepareCertificates } from './certificate-files.ts'

const run = promisify(execFile)

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lf-ca-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

const prepare = (folder: string, addresses: string[], now = new Date()) =>
  prepareCertificates({ folder, addresses, stagingOwner: folder, now: () => now })

test('openssl accepts our server certificates for every address, and not as an authority', async (t) => {
  const folder = await temporaryFolder(t)
  await prepare(folder, ['192.0.2.1', 'landfall.example', '2001:db8::1'])
  const verify = async (...args: string[]) => {
    const files = ['-CAfile', path.join(folder, 'ca.crt'), path.join(folder, 'service.crt')]
    const { stdout } = await run('openssl', ['verify', '-x509_strict', ...args, ...files])
    assert.match(stdout, /OK/)
  }
  for (const ip of ['192.0.2.1', '2001:db8::1', '127.0.0.1', '10.0.2.2']) {
    await verify('-purpose', 'sslserver', '-verify_ip', ip)
  }
  await verify('-purpose', 'sslserver', '-verify_hostname', 'landfall.example')
  await verify('-purpose', 'sslserver', '-verify_hostname', 'localhost')
  await assert.rejects(verify('-verify_ip', '192.0.2.2'))
  for (const name of ['ca.key', 'service.key', 'staging.key']) {
    assert.equal((await stat(path.join(folder, name))).mode & 0o777, 0o600)
  }
})

test('certificates stay, unless the addresses change, the end is near or the key is another', async (t) => {
  const folder = await temporaryFolder(t)
  const first = await prepare(folder, ['192.0.2.1'])
  const again = await prepare(folder, ['192.0.2.1'])
  assert.deepEqual(again.service, first.service)
  assert.equal(again.authority.caCertificatePem, first.authority.caCertificatePem)

  const moved = await prepare(folder, ['192.0.2.2'])
  assert.notEqual(moved.service.certificatePem, first.service.certificatePem)
  assert.equal(moved.replicationServerID, first.replicationServerID)

  const later = new Date(Date.now() + 350 * 24 * 60 * 60 * 1000)
  const renewed = await prepare(folder, ['192.0.2.2'], later)
  assert.notEqual(renewed.service.certificatePem, moved.service.certificatePem)

  await writeFile(path.join(folder, 'service.key'), first.service.privateKeyPem)
  const repaired = await prepare(folder, ['192.0.2.2'], later)
  assert.notEqual(repaired.service.certificatePem, renewed.service.certificatePem)
  assert.equal(repaired.authority.caCertificatePem, first.authority.caCertificatePem)
})

test('an agent gets a certificate with its source server ID for its own key', async (t) => {
  const folder = await temporaryFolder(t)
  const { authority } = await prepare(folder, [])
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const publicKeyPem = keys.publicKey.export({ format: 'pem', type: 'spki' }) as string
  const issued = await authority.issueAgentCertificate({ sourceServerID: 's-1', publicKeyPem })
  const certificate = new X509Certificate(issued.certificatePem)
  assert.equal(certificate.subject, 'OU=agent\nCN=s-1')
  assert.ok(certificate.checkPrivateKey(keys.privateKey))
  assert.ok(authority.verifies(issued.certificatePem))
  assert.equal(issued.caCertificatePem, await readFile(path.join(folder, 'ca.crt'), 'utf8'))
  const stranger = await prepare(await temporaryFolder(t), [])
  assert.ok(!stranger.authority.verifies(issued.certificatePem))

  for (const bad of ['', 'no key']) {
    await assert.rejects(
      authority.issueAgentCertificate({ sourceServerID: 's-1', publicKeyPem: bad }),
      { code: 'validation' },
    )
  }
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey
  await assert.rejects(
    authority.issueAgentCertificate({
      sourceServerID: 's-1',
      publicKeyPem: rsa.export({ format: 'pem', type: 'spki' }) as string,
    }),
    { code: 'validation' },
  )
})

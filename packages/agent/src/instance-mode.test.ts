import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { agentFiles } from './agent-files.ts'
import { readInstanceIdentity, reportFirstBoot } from './instance-mode.ts'
import { FakeRefusal, FakeService } from './service-client/fake-service.ts'

test('an instance reports its first boot until it is taken, and only once', async (t) => {
  const service = await FakeService.start(t)
  const files = agentFiles(await mkdtemp(join(tmpdir(), 'landfall-instance-')))
  t.after(() => rm(files.installDir, { recursive: true, force: true }))
  assert.equal(await readInstanceIdentity(files), undefined)
  await writeFile(
    files.instance,
    JSON.stringify({
      instanceID: 'i-0123456789abcdef0',
      token: 'once',
      endpoint: service.endpoint,
      caCertificatePem: service.caPem,
    }),
  )
  const identity = await readInstanceIdentity(files)
  assert.ok(identity)
  const refusal = new FakeRefusal(404, 'ResourceNotFoundException', 'not yet')
  service.refusals.set('UpdateAgentConversionInfoForMgn', refusal)
  const log = (message: string) => {
    if (message.includes('not yet')) service.refusals.clear()
  }
  const { signal } = new AbortController()
  await reportFirstBoot({ files, identity, log, signal, retryMsMin: 1 })
  const report = { instanceID: 'i-0123456789abcdef0', token: 'once', hostname: hostname() }
  assert.deepEqual(service.firstBoots, [report])
  await reportFirstBoot({ files, identity, log, signal })
  assert.equal(service.firstBoots.length, 1)
})

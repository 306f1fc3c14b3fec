import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { agentFiles, readJson, type AgentStatus } from './agent-files.ts'
import { AgentLog } from './agent-log.ts'
import { runAgent } from './run.ts'
import type { DefectFound } from './replication/mismatches.ts'
import { lookAtGuest } from './guest/look.ts'
import { collectInterfaces } from './install/source-properties.ts'
import { FakeReplicator } from './running/fake-replicator.ts'
import { ConnectProxy } from './service-client/connect-proxy.fixture.ts'
import { FakeRefusal, FakeService, TEST_SERVER_ID } from './service-client/fake-service.ts'

async function startAgent(
  t: TestContext,
  service: FakeService,
  options: { proxy?: string; disconnectMsMax?: number } = {},
) {
  const files = agentFiles(await mkdtemp(join(tmpdir(), 'landfall-run-')))
  t.after(() => rm(files.installDir, { recursive: true, force: true }))
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const publicPem = publicKey.export({ type: 'spki', format: 'pem' }) as string
  await writeFile(files.key, privateKey.export({ type: 'pkcs8', format: 'pem' }))
  await writeFile(files.certificate, await service.issueCertificate(publicPem))
  await writeFile(files.ca, service.caPem)
  await writeFile(
    files.settings,
    JSON.stringify({
      endpoint: service.endpoint,
      ...(options.proxy === undefined ? {} : { proxy: options.proxy }),
      region: 'lf-local-1',
      sourceServerID: TEST_SERVER_ID,
      disks: ['/dev/sda'],
      agentVersion: '0.1.0',
      machine: { identity: 'x', macAddresses: [], machineID: '' },
    }),
  )
  const replicators: FakeReplicator[] = []
  const failures: Error[] = []
  const start = () => {
    const stop = new AbortController()
    const ended = runAgent({
      files,
      log: new AgentLog({ path: files.log, olderPath: files.olderLog }),
      signal: stop.signal,
      lookAtGuest,
      ...options,
      startReplicator: async (options) => {
        const failure = failures.shift()
        if (failure) throw failure
        replicators.push(new FakeReplicator(options))
        return replicators.at(-1) as FakeReplicator
      },
    })
    t.after(async () => {
      stop.abort()
      await ended
    })
    return { stop, ended }
  }
  return { files, replicators, failures, start, ...start() }
}

async function readStatus(path: string): Promise<AgentStatus | undefined> {
  return (await readJson(path)) as AgentStatus | undefined
}

/** Empty until something was written. */
async function readLog(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch(() => '')
}

/** Waits until `condition` holds; the test's own time limit is the only clock. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(20)
}

const LIMIT = { timeout: 60_000 }

test('replicates as the service wants, and reports', LIMIT, async (t) => {
  const service = await FakeService.start(t)
  const agent = await startAgent(t, service)
  await until(() => service.reports.some((report) => report.state === 'CONTINUOUS'))
  const [replicator] = agent.replicators
  assert.deepEqual(replicator?.options.addresses, ['127.0.0.1'])
  assert.deepEqual(replicator.options.disks, ['/dev/sda'])
  await until(async () => (await readStatus(agent.files.status))?.polledAt !== undefined)
  agent.stop.abort()
  assert.equal(await agent.ended, 'stopped')
  assert.equal(replicator.stopped, 1)
  assert.equal(replicator.disposed, 0)
  assert.match(await readFile(agent.files.log, 'utf8'), /Agent ends: stopped/)
})

test('tells what its server is made of, soon after its start', LIMIT, async (t) => {
  const service = await FakeService.start(t)
  await startAgent(t, service)
  await until(() => service.guests.length === 1)
  assert.equal(service.guests[0]?.guest.facts.architecture, 'x86_64')
  assert.deepEqual(service.guests[0].guest.networkInterfaces, await collectInterfaces())
})

test(
  'executes a command once, and tells its result until the service takes it',
  LIMIT,
  async (t) => {
    const service = await FakeService.start(t)
    const agent = await startAgent(t, service)
    await until(() => service.reports.length > 0)
    service.refusals.set('UpdateAgentReplicationInfoForMgn', new FakeRefusal(500, 'X', 'busy'))
    service.answer = {
      ...service.answer,
      commands: [
        { commandID: 'cmd-1', type: 'CREATE_POINT', pointID: 'point-1' },
        { commandID: 'cmd-2', type: 'VERIFY' },
      ],
    }
    await until(() => agent.replicators[0]?.points.length === 1)
    const polls = service.polls
    await until(() => service.polls > polls + 1)
    service.refusals.clear()
    await until(() => service.reports.some((report) => report.results.length === 2))
    service.answer = { ...service.answer, commands: [] }
    const told = service.reports.find((report) => report.results.length === 2)
    const byID = new Map(told?.results.map(({ commandID, outcome }) => [commandID, outcome]))
    assert.deepEqual(byID.get('cmd-1'), { ok: true, result: {} })
    assert.deepEqual(byID.get('cmd-2'), { ok: true, result: { disks: [] } })
    assert.deepEqual(agent.replicators[0]?.points, ['point-1'])
    const count = service.reports.length
    await until(() => service.reports.length > count)
    assert.deepEqual(service.reports.at(-1)?.results, [])
  },
)

test('tells a mismatch until the service takes it, also when it is stopped', LIMIT, async (t) => {
  const service = await FakeService.start(t)
  const agent = await startAgent(t, service)
  await until(() => agent.replicators.length === 1 && service.reports.length > 0)
  service.refusals.set('UpdateAgentReplicationInfoForMgn', new FakeRefusal(500, 'X', 'busy'))
  const disk = { deviceName: '/dev/sda' } as DefectFound['disk']
  const defect = { disk, range: { offset: 0, length: 4096 }, foundBy: 'SCRUB' } as const
  agent.replicators[0]?.proof.mismatches.add(defect)
  const { configuration } = service.answer
  service.answer = { ...service.answer, configuration: { ...configuration, desired: 'PAUSED' } }
  await until(() => agent.replicators[0]?.stopped === 1)
  service.refusals.clear()
  await until(() => service.reports.some(({ mismatches }) => mismatches?.length === 1))
  await until(() => service.reports.at(-1)?.mismatches?.length === 0)
})

test('stops on PAUSED, starts again, and follows throttle and addresses', LIMIT, async (t) => {
  const service = await FakeService.start(t)
  const agent = await startAgent(t, service)
  const wanted = service.answer.configuration
  const want = (change: Partial<typeof wanted>) => {
    service.answer = { ...service.answer, configuration: { ...wanted, ...change } }
  }
  await until(() => agent.replicators.length === 1)
  want({ bandwidthThrottlingMbps: 10, scrubBytesPerSecond: 5 })
  await until(() => agent.replicators[0]?.throttles.includes(10) === true)
  assert.equal(agent.replicators[0]?.scrubRates.at(-1), 5)
  want({ desired: 'PAUSED' })
  await until(() => service.reports.at(-1)?.state === 'PAUSED')
  assert.equal(agent.replicators[0]?.stopped, 1)
  want({})
  await until(() => agent.replicators.length === 2)
  want({ replicationPort: 1600 })
  await until(() => agent.replicators.length === 3)
  assert.equal(agent.replicators[1]?.stopped, 1)
  assert.equal(agent.replicators[2]?.options.port, 1600)
})

test(
  'reports STALLED with the cause when replication does not start, and retries',
  LIMIT,
  async (t) => {
    const service = await FakeService.start(t)
    service.answer = {
      ...service.answer,
      configuration: { ...service.answer.configuration, desired: 'STOPPED' },
    }
    const agent = await startAgent(t, service)
    agent.failures.push(new Error('/dev/sda vanished'))
    service.answer = {
      ...service.answer,
      configuration: { ...service.answer.configuration, desired: 'REPLICATING' },
    }
    await until(() => service.reports.some((report) => report.state === 'STALLED'))
    const stalled = service.reports.find((report) => report.state === 'STALLED')
    assert.match(stalled?.error?.rawError ?? '', /^Data transfer fails: \/dev\/sda vanished\. /)
    await until(() => service.reports.at(-1)?.state === 'CONTINUOUS')
  },
)

test('replicates by the last configuration while the service is down', LIMIT, async (t) => {
  const service = await FakeService.start(t)
  const agent = await startAgent(t, service)
  await until(async () => (await readJson(agent.files.configuration)) !== undefined)
  agent.stop.abort()
  await agent.ended
  await service.close()
  const second = agent.start()
  await until(() => agent.replicators.length === 2)
  await until(async () => {
    return (await readStatus(agent.files.status))?.error?.includes('refused') === true
  })
  await service.listen()
  const count = service.reports.length
  await until(() => service.reports.length > count)
  second.stop.abort()
  assert.equal(await second.ended, 'stopped')
})

test('a DISCONNECTED agent disposes of its tracking and says a last word', LIMIT, async (t) => {
  const service = await FakeService.start(t)
  const agent = await startAgent(t, service)
  await until(() => agent.replicators.length === 1)
  service.answer = {
    ...service.answer,
    configuration: { ...service.answer.configuration, desired: 'DISCONNECTED' },
  }
  assert.equal(await agent.ended, 'disconnected')
  assert.equal(agent.replicators[0]?.disposed, 1)
  assert.equal(service.reports.at(-1)?.state, 'DISCONNECTED')
})

test(
  'a DISCONNECTED agent is through in time, even with a command that never ends',
  LIMIT,
  async (t) => {
    const service = await FakeService.start(t)
    const agent = await startAgent(t, service, { disconnectMsMax: 500 })
    await until(() => agent.replicators.length === 1)
    const hanging = Promise.withResolvers<void>()
    t.after(() => hanging.resolve())
    agent.replicators[0]!.gate = hanging.promise
    const commands = [{ commandID: 'cmd-1', type: 'CREATE_POINT', pointID: 'point-1' }] as const
    service.answer = { ...service.answer, commands }
    await until(() => agent.replicators[0]?.points.length === 1)
    const { configuration } = service.answer
    service.answer = { configuration: { ...configuration, desired: 'DISCONNECTED' }, commands: [] }
    assert.equal(await agent.ended, 'disconnected')
    assert.match(await readFile(agent.files.log, 'utf8'), /uninstalling all the same/)
  },
)

test('an agent that missed its disconnection obeys when the service is back', LIMIT, async (t) => {
  const service = await FakeService.start(t)
  const agent = await startAgent(t, service)
  await until(() => agent.replicators.length === 1)
  await service.close()
  service.answer = {
    ...service.answer,
    configuration: { ...service.answer.configuration, desired: 'DISCONNECTED' },
  }
  await until(async () => (await readLog(agent.files.log)).includes('cannot be asked'))
  await service.listen()
  assert.equal(await agent.ended, 'disconnected')
})

test(
  'the running agent reaches the service through the proxy of its settings',
  LIMIT,
  async (t) => {
    const service = await FakeService.start(t)
    const proxy = await ConnectProxy.start(t)
    await startAgent(t, service, { proxy: proxy.url })
    await until(() => service.reports.length > 0)
    assert.deepEqual(new Set(proxy.targets), new Set([new URL(service.endpoint).host]))
    // Whatever breaks in between, it comes back.
    proxy.refusal = 502
    for (const client of proxy.clients) client.destroy()
    await until(() => proxy.targets.length > 4)
    const count = service.reports.length
    proxy.refusal = undefined
    await until(() => service.reports.length > count)
  },
)

test('a server registered without replication waits for its start', LIMIT, async (t) => {
  const service = await FakeService.start(t)
  const { configuration } = service.answer
  const want = (desired: 'STOPPED' | 'REPLICATING') => {
    service.answer = { configuration: { ...configuration, desired }, commands: [] }
  }
  want('STOPPED')
  const agent = await startAgent(t, service)
  await until(() => service.reports.some((report) => report.state === 'STOPPED'))
  assert.equal(agent.replicators.length, 0)
  want('REPLICATING')
  await until(() => agent.replicators.length === 1)
})

test('an agent stopped by an uninstall disposes of its tracking', LIMIT, async (t) => {
  const service = await FakeService.start(t)
  const agent = await startAgent(t, service)
  await until(() => agent.replicators.length === 1)
  await writeFile(agent.files.uninstalling, '{}')
  agent.stop.abort()
  assert.equal(await agent.ended, 'stopped')
  assert.equal(agent.replicators[0]?.disposed, 1)
})

test('writes no file while a point is being made', LIMIT, async (t) => {
  const service = await FakeService.start(t)
  const agent = await startAgent(t, service)
  await until(() => agent.replicators.length === 1)
  const [replicator] = agent.replicators
  assert.ok(replicator)
  await until(async () => (await readLog(agent.files.log)) !== '')
  replicator.setState('CREATING_SNAPSHOT')
  await until(() => service.reports.at(-1)?.state === 'CREATING_SNAPSHOT')
  const before = await readFile(agent.files.log, 'utf8')
  replicator.options.log('while frozen')
  const count = service.reports.length
  await until(() => service.reports.length > count + 1) // More than two flushes' time.
  assert.equal(await readFile(agent.files.log, 'utf8'), before)
  replicator.setState('CONTINUOUS')
  await until(async () => (await readFile(agent.files.log, 'utf8')).includes('while frozen'))
})

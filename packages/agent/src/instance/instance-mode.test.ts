import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { test } from 'node:test'
import { AgentLog } from '../agent-log.ts'
import { FakeRefusal } from '../service-client/fake-service.ts'
import { reportFirstBoot } from './first-boot.ts'
import { readInstanceIdentity, runInstance } from './instance-mode.ts'
import { prepareInstance, SHORT_PAUSES, until } from './instance.fixture.ts'
import { Patience } from './patience.ts'

test('an instance reports its first boot until it is taken, and only once', async (t) => {
  const { service, files, identity, client } = await prepareInstance(t)
  assert.deepEqual(await readInstanceIdentity(files), identity)
  const refusal = new FakeRefusal(404, 'ResourceNotFoundException', 'not yet')
  service.refusals.set('UpdateAgentConversionInfoForMgn', refusal)
  const log = (message: string) => {
    if (message.includes('not yet')) service.refusals.clear()
  }
  const { signal } = new AbortController()
  const patience = new Patience(SHORT_PAUSES)
  assert.ok(await reportFirstBoot({ files, identity, client, log, signal, patience }))
  const { instanceID, token } = identity
  assert.deepEqual(service.firstBoots, [{ instanceID, token, hostname: hostname() }])
  assert.ok(await reportFirstBoot({ files, identity, client, log, signal }))
  assert.equal(service.firstBoots.length, 1)
  await rm(files.instance)
  assert.equal(await readInstanceIdentity(files), undefined)
})

test('an instance that is refused leaves the service alone', async (t) => {
  const { service, files, identity, client } = await prepareInstance(t)
  const refusal = new FakeRefusal(403, 'AccessDeniedException', 'terminated')
  service.refusals.set('UpdateAgentConversionInfoForMgn', refusal)
  const said: string[] = []
  const isWelcome = await reportFirstBoot({
    files,
    identity,
    client,
    log: (message) => said.push(message),
    signal: new AbortController().signal,
    patience: new Patience(SHORT_PAUSES),
  })
  assert.equal(isWelcome, false)
  assert.equal(said.length, 20)
})

test('after its first boot an instance asks for commands, and says what it is', async (t) => {
  const { service, files, identity } = await prepareInstance(t)
  const ending = new AbortController()
  const log = new AgentLog({ path: files.log, olderPath: files.olderLog })
  const ended = runInstance({ files, identity, log, signal: ending.signal })
  await until(() => service.instancePolls.length > 0)
  ending.abort()
  assert.equal(await ended, 'stopped')
  assert.equal(service.firstBoots.length, 1)
  const { facts, ...poll } = service.instancePolls[0]!
  const { instanceID, token } = identity
  assert.deepEqual(poll, { instanceID, token, waitSeconds: 20, running: [], cancelling: [] })
  assert.equal(facts.computerName, hostname())
  assert.match(facts.agentVersion, /^\d+\.\d+\.\d+$/)
  assert.notEqual(facts.platformName, '')
})

test('the agent of an instance that is done says so, once nothing runs there any more', async (t) => {
  const { service, files, identity } = await prepareInstance(t)
  service.instanceCommands.push({
    commandID: randomUUID(),
    steps: [{ name: 'only', script: 'sleep 1', timeoutSeconds: 60 }],
  })
  service.isInstanceDone = true
  const log = new AgentLog({ path: files.log, olderPath: files.olderLog })
  const end = await runInstance({ files, identity, log, signal: new AbortController().signal })
  assert.equal(end, 'done')
  assert.equal(service.instanceResults[0]?.status, 'Success')
})

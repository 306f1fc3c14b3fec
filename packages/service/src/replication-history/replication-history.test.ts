import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { ReplicationHistory } from '@landfall/model'
import { StallWatch } from '../events/stall-watch.ts'
import { isoDuration } from '../durations.ts'
import { createTestService, unknownServer, type TestService } from '../test-service.ts'
import { ReplicationSampler } from './replication-sampler.ts'
import { KEPT_MS } from './retention.ts'

const MINUTE_MS = 60_000
const DISK = {
  deviceName: '/dev/sda',
  totalStorageBytes: 1000,
  replicatedStorageBytes: 900,
  rescannedStorageBytes: 0,
}

async function sampledService(t: TestContext) {
  const service = await createTestService(t)
  const failures: string[] = []
  const log = (message: string) => void failures.push(message)
  const sampler = new ReplicationSampler({ ...service.dependencies, log })
  /** Looks a minute later, as the clock does. */
  const look = async () => {
    service.later(MINUTE_MS)
    await new StallWatch({ ...service.dependencies, log }).look()
    await sampler.look()
    assert.deepEqual(failures, [])
  }
  return { service, look }
}

function history(service: TestService, sourceServerID: string, hours = 1) {
  return service.call<ReplicationHistory>('GetReplicationHistory', { sourceServerID, hours })
}

test('a sample says of a server what its view says at that moment, whatever it is at', async (t) => {
  const { service, look } = await sampledService(t)
  const isSaidAlike = async (id: string) => {
    await look()
    const { dataReplicationInfo: info } = await service.server(id)
    const last = (await history(service, id)).samples.at(-1)
    assert.ok(last)
    assert.equal(last.state, info.dataReplicationState)
    const { lagSeconds } = last
    const lag = lagSeconds === undefined ? undefined : isoDuration(lagSeconds * 1000)
    assert.equal(lag, info.lagDuration)
    return last
  }
  const early = await service.register()
  assert.equal((await isSaidAlike(early)).state, 'INITIATING')

  const id = await service.readyServer()
  assert.equal((await isSaidAlike(id)).lagSeconds, 0)
  const disks = [
    { ...DISK, backloggedStorageBytes: 40 },
    { ...DISK, deviceName: '/dev/sdb', backloggedStorageBytes: 2 },
  ]
  await service.report(id, { state: 'BACKLOG', lagSeconds: 30, disks, wireBytes: 501 })
  const behind = await isSaidAlike(id)
  assert.deepEqual(
    [behind.state, behind.lagSeconds, behind.backlogBytes, behind.sentBytes],
    ['BACKLOG', 90, 42, 500],
  )
  await service.call('PauseReplication', { sourceServerID: id })
  assert.equal((await isSaidAlike(id)).state, 'PAUSED')
  await service.call('ResumeReplication', { sourceServerID: id })
  await service.report(id, { state: 'PAUSED' })
  assert.equal((await isSaidAlike(id)).state, 'INITIATING')
  await service.report(id)
  await isSaidAlike(id)
  service.later(service.dependencies.timing.agentNotSeenMs)
  assert.equal((await isSaidAlike(id)).state, 'STALLED')
})

test('a server that does not replicate has no samples, and one that is gone leaves none', async (t) => {
  const { service, look } = await sampledService(t)
  const id = await service.readyServer()
  await look()
  await service.call('DisconnectFromService', { sourceServerID: id })
  await look()
  assert.equal((await history(service, id)).samples.length, 1)
  await service.runJobs()
  await service.call('DeleteSourceServer', { sourceServerID: id })
  const left = await service.dependencies.db.selectFrom('replication_samples').selectAll().execute()
  assert.deepEqual(left, [])
  await assert.rejects(history(service, unknownServer()), { code: 'not_found' })
})

test('samples are kept for some days, of each server by itself', async (t) => {
  const { service, look } = await sampledService(t)
  const ids = [await service.readyServer(), await service.readyServer()]
  await look()
  service.later(KEPT_MS - 3 * MINUTE_MS)
  await look()
  for (const id of ids) assert.equal((await history(service, id, 72)).samples.length, 2)
  service.later(2 * MINUTE_MS)
  await look()
  await look()
  const counts = await service.dependencies.db
    .selectFrom('replication_samples')
    .select(({ fn }) => ['source_server_id', fn.countAll<number>().as('count')])
    .groupBy('source_server_id')
    .execute()
  assert.deepEqual(
    counts.map(({ count }) => count),
    [3, 3],
  )
  await assert.rejects(history(service, ids[0] ?? '', 73), { code: 'validation' })
})

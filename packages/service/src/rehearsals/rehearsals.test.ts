import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { StagingCommand } from '@landfall/model'
import { createTestService } from '../test-service.ts'
import type { Timing } from '../timing.ts'
import { RehearsalSchedule } from './rehearsal-schedule.ts'

const HOUR_MS = 3_600_000

interface View {
  readonly everyHours: number | null
  readonly rehearsals: readonly {
    readonly verdict: string
    readonly detail?: string
    readonly instanceID?: string
    readonly pointID?: string
  }[]
}

async function open(t: TestContext, timing: Partial<Timing> = {}) {
  const service = await createTestService(t, { timing })
  const { provider } = service.dependencies
  const sourceServerID = await service.readyServer()
  const jobs = {
    enqueue: (_: unknown, jobID: string) => Promise.resolve(void service.queued.push(jobID)),
    wake: () => undefined,
  }
  const schedule = new RehearsalSchedule({ ...service.dependencies, jobs })
  const call = (operation: string, input: object = {}) =>
    service.call<View>(operation, { sourceServerID, ...input })
  /** Runs what was started; the instance's agent reports unless it is to be silent. */
  const run = async (options: { isSilent?: boolean; fail?: string } = {}) => {
    let instanceID = ''
    const running = service.runJobs({
      fail(command: StagingCommand) {
        if (command.type !== 'CONVERT') return undefined
        instanceID = command.instanceID
        return options.fail
      },
    })
    const reporting = options.isSilent || options.fail ? undefined : report(() => instanceID)
    await Promise.all([running, reporting])
    return instanceID
  }
  const report = async (instanceOf: () => string) => {
    const { db } = service.dependencies
    for (;;) {
      const updated = await db
        .updateTable('instances')
        .set({ first_boot: 'SUCCEEDED' })
        .where('instance_id', '=', instanceOf())
        .where('state', '=', 'RUNNING')
        .executeTakeFirst()
      if (updated.numUpdatedRows > 0n) return
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  return { service, provider, sourceServerID, schedule, call, run }
}

test('a rehearsal boots the newest point by itself, and leaves nothing but its verdict', async (t) => {
  const { service, provider, sourceServerID, call, run } = await open(t)
  const before = await service.server(sourceServerID)
  assert.equal((await call('StartRehearsal')).rehearsals[0]?.verdict, 'RUNNING')
  await assert.rejects(call('StartRehearsal'), { code: 'conflict' })
  const instanceID = await run()
  const { rehearsals } = await call('GetRehearsals')
  assert.equal(rehearsals[0]?.verdict, 'BOOTED')
  assert.equal(rehearsals[0].instanceID, instanceID)
  assert.deepEqual(await service.server(sourceServerID), before)
  assert.equal((await provider.describe(instanceID)).state, 'terminated')
  assert.deepEqual((await service.call<{ items: object[] }>('DescribeJobs')).items, [])
  assert.deepEqual(
    (await service.call<{ Reservations: object[] }>('DescribeInstances')).Reservations,
    [],
  )
})

test('one whose guest does not report has failed, with the end of its console', async (t) => {
  const { provider, call, run } = await open(t, { firstBootDeadlineMs: 1000 })
  await call('StartRehearsal')
  const instanceID = await run({ isSilent: true })
  const [rehearsal] = (await call('GetRehearsals')).rehearsals
  assert.equal(rehearsal?.verdict, 'FAILED')
  assert.match(rehearsal.detail ?? '', /did not report within/)
  assert.equal((await provider.describe(instanceID)).state, 'terminated')
})

test('a conversion that fails is the verdict, and tried again by the next', async (t) => {
  const { call, run } = await open(t)
  await call('StartRehearsal')
  await run({ fail: 'no drivers for KVM' })
  assert.match((await call('GetRehearsals')).rehearsals[0]?.detail ?? '', /no drivers for KVM/)
  await call('StartRehearsal')
  await run()
  assert.deepEqual(
    (await call('GetRehearsals')).rehearsals.map(({ verdict }) => verdict),
    ['BOOTED', 'FAILED'],
  )
})

test('what is due is rehearsed, one at a time and never beside a launch', async (t) => {
  const { service, sourceServerID, schedule, call, run } = await open(t)
  const count = async () => (await call('GetRehearsals')).rehearsals.length
  await schedule.look()
  assert.equal(await count(), 0, 'nobody asked for it')
  assert.equal((await call('UpdateRehearsalSettings', { everyHours: 24 })).everyHours, 24)
  await service.call('StartTest', { sourceServerIDs: [sourceServerID] })
  await schedule.look()
  assert.equal(await count(), 0)
  await service.runJobs()
  await schedule.look()
  await schedule.look()
  assert.equal(await count(), 1)
  await run()
  service.later(23 * HOUR_MS)
  await schedule.look()
  assert.equal(await count(), 1)
  service.later(HOUR_MS)
  await schedule.look()
  assert.equal(await count(), 2)
  await run()
  assert.equal((await call('UpdateRehearsalSettings', { everyHours: null })).everyHours, null)
  await assert.rejects(call('UpdateRehearsalSettings', { everyHours: 0 }), { code: 'validation' })
})

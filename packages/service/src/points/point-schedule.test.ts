import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ErrorCode, PointView } from '@landfall/model'
import { sql } from 'kysely'
import { givenColumns } from '../database/given-columns.fixture.ts'
import { launchStory } from '../jobs/launch-story.ts'
import { runJob } from '../jobs/run-job.ts'
import type { StepContext } from '../jobs/story.ts'
import { lockServer } from '../source-servers/records.ts'
import { createTestService, type JobView, type TestService } from '../test-service.ts'
import { beginDeletion } from './deletion.ts'
import { PointSchedule } from './point-schedule.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

/** Looks at something that comes by itself; far more than it takes. */
const TURNS_MAX = 4000

/** A service whose clock stands at the beginning of an hour, with a server that has one point. */
async function scheduledServer(t: Parameters<typeof createTestService>[0]) {
  const service = await createTestService(t)
  const sourceServerID = await service.readyServer()
  const schedule = new PointSchedule(service.dependencies)
  return { service, sourceServerID, schedule }
}

async function list(service: TestService, sourceServerID: string): Promise<PointView[]> {
  return (await service.call<{ points: PointView[] }>('ListPoints', { sourceServerID })).points
}

const states = (points: readonly PointView[]) => points.map((point) => point.state)

/** Lets time pass; the agent is heard of at its end. */
async function pass(service: TestService, sourceServerID: string, ms: number) {
  service.later(ms)
  await service.report(sourceServerID)
}

async function makePoint(service: TestService, sourceServerID: string): Promise<string> {
  const { point } = await service.call<{ point: PointView }>('CreatePoint', { sourceServerID })
  await service.agentWorks(sourceServerID)
  return point.id
}

/** Answers the open DELETE_POINT commands; returns the points they name. */
async function answerDeletions(
  service: TestService,
  failure?: { readonly error: string; readonly code?: ErrorCode },
): Promise<string[]> {
  const { commands } = await service.pollStaging()
  const deletions = commands.filter((command) => command.type === 'DELETE_POINT')
  for (const { commandID } of deletions) {
    const outcome = failure === undefined ? { ok: true, result: {} } : { ok: false, ...failure }
    await service.asStaging('SendChannelCommandResult', { commandID, outcome })
  }
  return deletions.map((command) => command.pointID)
}

test('a point is asked for in each slot of the policy, once, whoever looks', async (t) => {
  const { service, sourceServerID, schedule } = await scheduledServer(t)
  await schedule.look()
  assert.deepEqual(states(await list(service, sourceServerID)), ['AVAILABLE'])

  await pass(service, sourceServerID, 10 * MINUTE_MS)
  await schedule.look()
  await schedule.look()
  // A service that was restarted.
  await new PointSchedule(service.dependencies).look()
  const asked = await list(service, sourceServerID)
  assert.deepEqual(states(asked), ['AVAILABLE', 'REQUESTED'])
  assert.equal(asked[1]?.reason, 'SCHEDULED')

  await service.agentWorks(sourceServerID)
  await schedule.look()
  assert.deepEqual(states(await list(service, sourceServerID)), ['AVAILABLE', 'AVAILABLE'])
})

test('no point is asked for where none can be had', async (t) => {
  const { service, sourceServerID, schedule } = await scheduledServer(t)
  const count = async () => (await list(service, sourceServerID)).length
  service.later(10 * MINUTE_MS)
  await schedule.look()
  assert.equal(await count(), 1, 'the agent has not been heard of')
  await service.report(sourceServerID, { state: 'RESCAN' })
  await schedule.look()
  assert.equal(await count(), 1, 'not CONTINUOUS')
  await service.call('PauseReplication', { sourceServerID })
  await service.report(sourceServerID)
  await schedule.look()
  assert.equal(await count(), 1, 'paused')
  await service.call('ResumeReplication', { sourceServerID })
  await service.report(sourceServerID, { state: 'BACKLOG' })
  await schedule.look()
  assert.equal(await count(), 2)
})

test('a point that fails is asked for again after a pause, and forgotten after a day', async (t) => {
  const { service, sourceServerID, schedule } = await scheduledServer(t)
  await pass(service, sourceServerID, 10 * MINUTE_MS)
  await schedule.look()
  // Nobody makes it.
  await pass(service, sourceServerID, service.dependencies.timing.pointDeadlineMs + 1)
  await schedule.look()
  const [, late, next] = await list(service, sourceServerID)
  assert.equal(late?.state, 'FAILED')
  assert.match(late.error ?? '', /not there in time/)
  assert.equal(next?.state, 'REQUESTED')

  const [command] = (await service.pollAgent(sourceServerID)).commands
  const outcome = { ok: false, error: 'busy' } as const
  const result = { commandID: command?.commandID ?? '', outcome }
  await service.report(sourceServerID, { results: [result] })
  await schedule.look()
  assert.equal((await list(service, sourceServerID)).length, 3, 'not at once')

  await pass(service, sourceServerID, DAY_MS + 1)
  await schedule.look()
  assert.deepEqual(states(await list(service, sourceServerID)), ['AVAILABLE', 'REQUESTED'])
})

test('points are asked for at a bounded number of servers at once', async (t) => {
  const service = await createTestService(t)
  const ids: string[] = []
  for (let count = 0; count < 10; count += 1) ids.push(await service.readyServer())
  service.later(10 * MINUTE_MS)
  for (const id of ids) await service.report(id)
  const schedule = new PointSchedule(service.dependencies)
  const asked = async () => {
    const points = await Promise.all(ids.map((id) => list(service, id)))
    return points.flat().filter((point) => point.state === 'REQUESTED').length
  }
  await schedule.look()
  assert.equal(await asked(), 8)
  for (const id of ids) await service.agentWorks(id)
  await schedule.look()
  assert.equal(await asked(), 2)
})

test('what the policy no longer keeps is deleted, one after the other', async (t) => {
  const { service, sourceServerID, schedule } = await scheduledServer(t)
  for (let count = 0; count < 8; count += 1) {
    await pass(service, sourceServerID, 10 * MINUTE_MS)
    await schedule.look()
    await service.agentWorks(sourceServerID)
  }
  // Made 80 to 0 minutes ago: that of 70 minutes is neither young nor the first of its hour.
  await schedule.look()
  const before = await list(service, sourceServerID)
  assert.deepEqual(
    before.filter((point) => point.state === 'DELETING'),
    [{ ...before[1], state: 'DELETING' }],
  )
  assert.deepEqual(await answerDeletions(service), [before[1]?.id])
  // What the staging area tells again must not bring it back.
  await service.pointCreated(sourceServerID, before[1]?.id ?? '')
  await schedule.look()
  const after = await list(service, sourceServerID)
  assert.deepEqual(after, before.toSpliced(1, 1))
  await service.pointCreated(sourceServerID, before[1]?.id ?? '')
  assert.equal((await list(service, sourceServerID)).length, after.length)
})

test('a point whose deletion is refused is available again, and tried again later', async (t) => {
  const { service, sourceServerID, schedule } = await scheduledServer(t)
  await pass(service, sourceServerID, DAY_MS)
  await makePoint(service, sourceServerID)
  await pass(service, sourceServerID, 7 * DAY_MS)
  await makePoint(service, sourceServerID)
  const [first] = await list(service, sourceServerID)
  await schedule.look()
  assert.deepEqual(await answerDeletions(service, { error: 'pinned', code: 'conflict' }), [
    first?.id,
  ])
  await schedule.look()
  await schedule.look()
  assert.equal((await list(service, sourceServerID))[0]?.state, 'AVAILABLE')
  service.later(service.dependencies.timing.pointDeleteRetryMs)
  await schedule.look()
  assert.deepEqual(await answerDeletions(service), [first?.id])
})

test('a point whose deletion failed may be half merged: it is not offered, and tried again', async (t) => {
  const { service, sourceServerID, schedule } = await scheduledServer(t)
  await pass(service, sourceServerID, 8 * DAY_MS)
  await makePoint(service, sourceServerID)
  await schedule.look()
  const [first] = await list(service, sourceServerID)
  await answerDeletions(service, { error: 'the disk is full' })
  await schedule.look()
  const [failed] = await list(service, sourceServerID)
  assert.equal(failed?.state, 'DELETING')
  assert.equal(failed.error, 'the disk is full')
  assert.deepEqual(await answerDeletions(service), [], 'not at once')
  service.later(service.dependencies.timing.pointDeleteRetryMs)
  await schedule.look()
  assert.deepEqual(await answerDeletions(service), [first?.id])
  await schedule.look()
  assert.equal((await list(service, sourceServerID)).length, 1)
})

test('a point that a launch falls back on stays until its instance is gone', async (t) => {
  const { service, sourceServerID, schedule } = await scheduledServer(t)
  const [chosen] = await list(service, sourceServerID)
  const offer = async () => {
    await pass(service, sourceServerID, 9 * DAY_MS)
    await makePoint(service, sourceServerID)
    await schedule.look()
    return (await list(service, sourceServerID))[0]
  }
  const { job } = await service.call<{ job: JobView }>('StartTest', {
    sourceServerIDs: [sourceServerID],
  })
  // The agent does not make the launch's own point.
  const { commands } = await service.pollAgent(sourceServerID)
  assert.deepEqual(commands, [])
  const crash = new Error('crash')
  const run = runJob(service.dependencies, job.jobID, {
    signal: service.stopping.signal,
    checkpoint(name) {
      if (name === 'SNAPSHOT 1 failure recorded') throw crash
    },
  })
  await Promise.all([assert.rejects(run, crash), failNextPoint(service, sourceServerID)])
  assert.deepEqual(await service.jobLog(job.jobID), [
    'JOB_START',
    'SNAPSHOT_START',
    'SNAPSHOT_FAIL',
    'USING_PREVIOUS_SNAPSHOT',
  ])
  assert.equal((await list(service, sourceServerID)).at(-1)?.reason, 'LAUNCH')
  assert.equal((await offer())?.state, 'AVAILABLE', 'chosen and not pinned yet')

  await service.runJobs()
  const conversions = await service.dependencies.db
    .selectFrom('staging_commands')
    .select('command')
    .execute()
  const used = conversions.flatMap(({ command }) =>
    command.type === 'CONVERT' ? [command.pointID] : [],
  )
  assert.deepEqual(used, [chosen?.id])
  assert.equal((await offer())?.state, 'AVAILABLE', 'its instance stands on it')

  const lifeCycle = { state: 'READY_FOR_CUTOVER' }
  await service.call('ChangeServerLifeCycleState', { sourceServerID, lifeCycle })
  await service.call('TerminateTargetInstances', { sourceServerIDs: [sourceServerID] })
  await service.runJobs()
  const gone = await offer()
  assert.equal(gone?.id, chosen?.id)
  assert.equal(gone?.state, 'DELETING')
})

test('a point that is being chosen is not deleted: retention waits for the choice', async (t) => {
  const { service, sourceServerID, schedule } = await scheduledServer(t)
  const { db } = service.dependencies
  const [first] = await list(service, sourceServerID)
  await pass(service, sourceServerID, 8 * DAY_MS)
  await makePoint(service, sourceServerID)
  let look = Promise.resolve()
  await db.transaction().execute(async (trx) => {
    await lockServer(trx, sourceServerID)
    look = schedule.look()
    await someoneWaits(service)
    await trx
      .insertInto('pins')
      .values({
        pin_id: 'pin-1',
        source_server_id: sourceServerID,
        point_id: first?.id ?? '',
      })
      .execute()
  })
  await look
  assert.deepEqual(states(await list(service, sourceServerID)), ['AVAILABLE', 'AVAILABLE'])
  await db.deleteFrom('pins').execute()
  await schedule.look()
  assert.deepEqual(states(await list(service, sourceServerID)), ['DELETING', 'AVAILABLE'])
})

test('a launch that falls back on the newest point waits for a deletion that is under way', async (t) => {
  const { service, sourceServerID } = await scheduledServer(t)
  const { db } = service.dependencies
  const newest = await makePoint(service, sourceServerID)
  const [first] = await list(service, sourceServerID)
  const takePoint = launchStory.steps.find((step) => step.name === 'SNAPSHOT')
  let choice: Promise<{ readonly result: object } | undefined> | undefined
  await db.transaction().execute(async (trx) => {
    await lockServer(trx, sourceServerID)
    choice = db.transaction().execute(async (other) =>
      // It asks for nothing else of its context.
      takePoint?.rescue?.(other, { sourceServerID } as StepContext),
    )
    await someoneWaits(service)
    await beginDeletion(trx, { sourceServerID, pointID: newest, now: service.clock })
  })
  assert.deepEqual((await choice)?.result, { pointID: first?.id })
})

test('a point is not to be had once it is being deleted', async (t) => {
  const { service, sourceServerID, schedule } = await scheduledServer(t)
  const [first] = await list(service, sourceServerID)
  await pass(service, sourceServerID, 8 * DAY_MS)
  await makePoint(service, sourceServerID)
  await schedule.look()
  const input = { sourceServerID, pointID: first?.id }
  await assert.rejects(service.call('PinPoint', input), /is DELETING/)
  await assert.rejects(service.call('StartVerification', input), /is DELETING/)
})

test('points of the last of many servers are deleted as well, if not at the first look', async (t) => {
  const { service, sourceServerID, schedule } = await scheduledServer(t)
  const last = await addServersLike(service, sourceServerID, 250)
  await sql`insert into points (point_id, source_server_id, state, reason, requested_at, disks)
    select 'point-' || lpad(days::text, 17, '0'), ${last}, 'AVAILABLE', 'SCHEDULED',
        ${service.clock}::timestamptz - make_interval(days => days), '[]'
      from unnest(array[30, 20, 0]) days`.execute(service.dependencies.db)
  await schedule.look()
  assert.deepEqual(await answerDeletions(service), [])
  await schedule.look()
  assert.deepEqual(await answerDeletions(service), ['point-00000000000000030'])
})

/** Adds so many servers that are as this one is, and have no points; the ID of the last. */
async function addServersLike(service: TestService, sourceServerID: string, count: number) {
  const { db } = service.dependencies
  const columns = await givenColumns(db, 'source_servers')
  const made = columns.map((column) => sql.ref(`made.${column}`))
  await sql`insert into source_servers (${sql.join(columns.map((column) => sql.ref(column)))})
    overriding system value
    select ${sql.join(made)}
      from source_servers server, generate_series(1, ${count}::integer) number,
        jsonb_populate_record(server, jsonb_build_object('machine_identity', number,
          'source_server_id', 's-' || lpad(number::text, 17, '0'), 'seq', 1000 + number)) made
      where server.source_server_id = ${sourceServerID}`.execute(db)
  return `s-${String(count).padStart(17, '0')}`
}

async function failNextPoint(service: TestService, sourceServerID: string) {
  for (let turn = 0; turn < TURNS_MAX; turn += 1) {
    const { commands } = await service.pollAgent(sourceServerID)
    const results = commands.map(({ commandID }) => ({
      commandID,
      outcome: { ok: false, error: 'the source is too busy' } as const,
    }))
    if (results.length > 0) return service.report(sourceServerID, { results })
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error('nothing was asked of the agent')
}

/** Returns when a connection waits for a lock that another holds. */
async function someoneWaits({ dependencies }: TestService) {
  const waiting = sql<{ count: number }>`select count(*)::int as count from pg_stat_activity
    where wait_event_type = 'Lock' and datname = current_database()`
  for (let turn = 0; turn < TURNS_MAX; turn += 1) {
    const { rows } = await waiting.execute(dependencies.db)
    if ((rows[0]?.count ?? 0) > 0) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error('nobody waits for a lock')
}

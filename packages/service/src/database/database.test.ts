import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { readServerToLaunch } from '../source-servers/launch-settings.ts'
import { migrate } from './database.ts'
import { withTestDatabase } from './test-database.ts'

test('migrating twice, and from two services at once, changes nothing', async (t) => {
  const { db } = await withTestDatabase(t)
  await Promise.all([migrate(db), migrate(db)])
  assert.deepEqual(await db.selectFrom('users').selectAll().execute(), [])
})

test('a database of before launch templates had versions keeps what it has', async (t) => {
  const { db } = await withTestDatabase(t, '004-mismatches')
  const [ready, fresh] = ['s-00000000000000001', 's-00000000000000002']
  for (const [id, state] of [
    [ready, 'TESTING'],
    [fresh, 'NOT_READY'],
  ] as const) {
    await sql`insert into source_servers (source_server_id, machine_identity, registered_by, state,
        tags, agent_version, properties, properties_updated_at, added_at, last_test, last_cutover,
        desired, initiation, replication_configuration, launch_configuration)
      values (${id}, ${id}, 'arn', ${state}, '{}', '1', '{}', now(), now(), '{}', '{}',
        'STOPPED', '{}', '{}', '{}')`.execute(db)
    await sql`insert into launch_templates values (${`lt-${id}`}, ${id}, 'm5.large')`.execute(db)
  }
  await sql`insert into launch_templates values ('lt-of-template', null, 'c5.large')`.execute(db)
  await sql`insert into instances (instance_id, source_server_id, job_id, purpose, state, first_boot,
      disks, created_at)
    values ('i-1', ${ready}, 'mgnjob-1', 'TEST', 'RUNNING', 'SUCCEEDED', '[]', now())`.execute(db)
  await migrate(db)
  assert.deepEqual((await readServerToLaunch(db, ready)).template, { InstanceType: 'm5.large' })
  const templates = await db.selectFrom('launch_templates').selectAll().execute()
  assert.equal(new Set(templates.map((one) => one.name)).size, 3)
  const servers = await db.selectFrom('source_servers').selectAll().orderBy('seq').execute()
  assert.deepEqual(
    servers.map((one) => [one.was_ready, one.is_stalled, one.application_id]),
    [
      [true, false, null],
      [false, false, null],
    ],
  )
  const [instance] = await db.selectFrom('instances').selectAll().execute()
  assert.deepEqual([instance?.tags, instance?.instance_type], [{}, null])
})

test('an instance of before keeps its protection, and the moment of its point', async (t) => {
  const { db } = await withTestDatabase(t, '014-many-servers')
  const dataOf = (DisableApiTermination: boolean) => JSON.stringify({ DisableApiTermination })
  for (const [server, isProtected] of [
    ['s-00000000000000001', true],
    ['s-00000000000000002', false],
  ] as const) {
    const snapshot = JSON.stringify({ pointID: `p-${server}` })
    await sql`insert into launch_templates (launch_template_id, source_server_id, name,
        default_version, latest_version, tags, created_at, created_by)
      values (${server}, ${server}, ${server}, 2, 2, '{}', now(), 'arn')`.execute(db)
    await sql`insert into launch_template_versions values
      (${server}, 1, null, ${dataOf(!isProtected)}, now(), 'arn'),
      (${server}, 2, null, ${dataOf(isProtected)}, now(), 'arn')`.execute(db)
    await sql`insert into points (point_id, source_server_id, state, requested_at, taken_at, disks)
      values (${`p-${server}`}, ${server}, 'AVAILABLE', now(), '2026-01-10T09:00:00Z', '[]')`.execute(
      db,
    )
    await sql`insert into jobs (job_id, kind, status, created_at, tags)
      values (${server}, 'LAUNCH', 'COMPLETED', now(), '{}')`.execute(db)
    await sql`insert into job_steps (job_id, source_server_id, step, attempt, started_at, plan, data,
        result) values (${server}, ${server}, 'SNAPSHOT', 1, now(), '{}', '{}', ${snapshot})`.execute(
      db,
    )
    await sql`insert into instances (instance_id, source_server_id, job_id, purpose, state,
        first_boot, disks, created_at)
      values (${server}, ${server}, ${server}, 'TEST', 'RUNNING', 'SUCCEEDED', '[]', now())`.execute(
      db,
    )
  }
  await migrate(db)
  const instances = await db.selectFrom('instances').selectAll().orderBy('instance_id').execute()
  assert.deepEqual(
    instances.map((one) => [one.is_protected, one.point_taken_at?.toISOString(), one.firmware]),
    [
      [true, '2026-01-10T09:00:00.000Z', 'bios'],
      [false, '2026-01-10T09:00:00.000Z', 'bios'],
    ],
  )
})

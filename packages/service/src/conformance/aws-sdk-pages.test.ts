import assert from 'node:assert/strict'
import { test } from 'node:test'
import { paginateDescribeSourceServers } from '@aws-sdk/client-mgn'
import { sql } from 'kysely'
import type { Database } from '../database/database.ts'
import { TestService as Landfall } from '../test-service.ts'
import { startMgnClient } from './aws-sdk.fixture.ts'

const SERVERS = 2500
const PER_PAGE = 100

/** As many servers like the one that is there, with IDs of their own. */
async function addServers(db: Database, like: string, count: number): Promise<void> {
  await sql`
    insert into source_servers (source_server_id, machine_identity, registered_by, state, tags,
      agent_version, properties, properties_updated_at, added_at, last_test, last_cutover, desired,
      initiation, replication_configuration, launch_configuration)
    select 's-' || substr(md5(random()::text), 1, 17), md5(random()::text), registered_by, state,
      tags, agent_version, properties, properties_updated_at, added_at, last_test, last_cutover,
      desired, initiation, replication_configuration, launch_configuration
    from source_servers, generate_series(1, ${count}::int)
    where source_server_id = ${like}`.execute(db)
}

test('the SDK walks 2500 servers without a gap or a repeat while others are added', async (t) => {
  const { client, service } = await startMgnClient(t, (db) => new Landfall({ db }).operations)
  const landfall = new Landfall({ db: service.db })
  const first = await landfall.register()
  await addServers(service.db, first, SERVERS - 1)
  const before = await service.db.selectFrom('source_servers').select('source_server_id').execute()
  const seen: string[] = []
  let pages = 0
  const paginator = paginateDescribeSourceServers({ client, pageSize: PER_PAGE }, { filters: {} })
  for await (const page of paginator) {
    const ids = page.items?.map((server) => server.sourceServerID ?? '') ?? []
    seen.push(...ids)
    pages += 1
    if (pages <= 20) await addServers(service.db, first, 10)
  }
  assert.equal(new Set(seen).size, seen.length)
  assert.deepEqual(
    before.map((row) => row.source_server_id).filter((id) => !seen.includes(id)),
    [],
  )
  assert.equal(seen.length, SERVERS + 200)
})

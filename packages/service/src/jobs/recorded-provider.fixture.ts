import { MemoryProvider, type Provider } from '@landfall/launch'
import { sql } from 'kysely'
import type { Database } from '../database/database.ts'

/** A provider whose instances outlive the process: they are rows of a table. */
export async function recordedProvider(db: Database): Promise<Provider> {
  await sql`create table if not exists test_instances (
    instance_id text primary key, launches integer not null)`.execute(db)
  const provider = new MemoryProvider()
  provider.launch = async (plan) => {
    await sql`insert into test_instances values (${plan.instanceID}, 1)
      on conflict (instance_id) do update set launches = test_instances.launches + 1`.execute(db)
  }
  provider.terminate = async (instanceID) => {
    await sql`delete from test_instances where instance_id = ${instanceID}`.execute(db)
  }
  provider.list = async () => {
    const { rows } = await sql<{
      id: string
    }>`select instance_id as id from test_instances order by 1`.execute(db)
    return rows.map((row) => row.id)
  }
  return provider
}

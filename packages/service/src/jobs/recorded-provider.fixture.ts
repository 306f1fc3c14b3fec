import { MemoryProvider, type Provider } from '@landfall/launch'
import { sql } from 'kysely'
import type { Database } from '../database/database.ts'

/** A provider whose instances outlive the process: they are rows of a table. */
export async function recordedProvider(db: Database): Promise<Provider> {
  await sql`create table if not exists test_instances (instance_id text primary key)`.execute(db)
  const provider = new MemoryProvider()
  provider.launch = async ({ instanceID }) => {
    await sql`insert into test_instances values (${instanceID}) on conflict do nothing`.execute(db)
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
  provider.describe = async (instanceID) => {
    const instances = await provider.list()
    return { state: instances.includes(instanceID) ? 'running' : 'terminated' }
  }
  provider.makeIndependent = async (instanceID) => [
    { deviceName: '/dev/sda', path: `/instances/${instanceID}/sda.qcow2` },
  ]
  return provider
}

import type { Kysely, Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { found } from '../not-found.ts'
import type { TestNetwork } from './tables.ts'

export const TEST_NETWORK_DEFAULT: TestNetwork = 'ISOLATED'

/** `isDefault`: nobody chose. */
interface TestNetworkChoice {
  readonly testNetwork: TestNetwork
  readonly isDefault: boolean
}

export async function readTestNetwork(
  db: Kysely<Schema>,
  sourceServerID: string,
): Promise<TestNetworkChoice> {
  const row = await db
    .selectFrom('network_settings')
    .select('test_network')
    .where('source_server_id', '=', sourceServerID)
    .executeTakeFirst()
  return choiceOf(row?.test_network ?? null)
}

/** What new servers take over from the template; `not_found` when there is none. */
export async function readTemplatesTestNetwork(
  db: Kysely<Schema>,
  templateID: string,
): Promise<TestNetworkChoice> {
  const row = await db
    .selectFrom('launch_configuration_templates')
    .select('test_network')
    .where('template_id', '=', templateID)
    .executeTakeFirst()
  return choiceOf(found(row, 'LaunchConfigurationTemplate', templateID).test_network)
}

function choiceOf(chosen: TestNetwork | null): TestNetworkChoice {
  return { testNetwork: chosen ?? TEST_NETWORK_DEFAULT, isDefault: chosen === null }
}

/** Writes down where test instances of a server are launched, in place of what was. */
export async function chooseTestNetwork(
  trx: Transaction<Schema>,
  sourceServerID: string,
  testNetwork: TestNetwork | null,
): Promise<void> {
  const id = 'source_server_id'
  await trx.deleteFrom('network_settings').where(id, '=', sourceServerID).execute()
  if (testNetwork === null) return
  const values = { source_server_id: sourceServerID, test_network: testNetwork }
  await trx.insertInto('network_settings').values(values).execute()
}

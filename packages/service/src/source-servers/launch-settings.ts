import type { Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { LaunchTemplateData } from '../ec2/tables.ts'
import type { TestNetwork } from '../networks/tables.ts'
import { TEST_NETWORK_DEFAULT } from '../networks/test-networks.ts'
import { found } from '../not-found.ts'
import type { SourceServerRow } from './tables.ts'

/** A server with all by which an instance of it is planned. */
export type ServerToLaunch = Pick<
  SourceServerRow,
  'source_server_id' | 'properties' | 'tags' | 'launch_configuration'
> & {
  /** The default version of its own EC2 launch template. */
  readonly template: LaunchTemplateData
  readonly testNetwork: TestNetwork
}

/** The server with its launch settings; `not_found` when there is none. */
export async function readServerToLaunch(db: Kysely<Schema>, id: string): Promise<ServerToLaunch> {
  const [server] = await readServersToLaunch(db, [id])
  return found(server, 'SourceServer', id)
}

/** Those of the servers that there are, in one read. */
export async function readServersToLaunch(
  db: Kysely<Schema>,
  ids: readonly string[],
): Promise<ServerToLaunch[]> {
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('source_servers as server')
    .innerJoin(
      'launch_templates as template',
      'template.source_server_id',
      'server.source_server_id',
    )
    .innerJoin('launch_template_versions as version', (join) =>
      join
        .onRef('version.launch_template_id', '=', 'template.launch_template_id')
        .onRef('version.version', '=', 'template.default_version'),
    )
    .leftJoin('network_settings as network', 'network.source_server_id', 'server.source_server_id')
    .select(['server.source_server_id', 'server.properties', 'server.tags'])
    .select(['server.launch_configuration', 'version.data as template', 'network.test_network'])
    .where('server.source_server_id', 'in', ids)
    .execute()
  return rows.map(({ test_network: testNetwork, ...server }) => ({
    ...server,
    testNetwork: testNetwork ?? TEST_NETWORK_DEFAULT,
  }))
}

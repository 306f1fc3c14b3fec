import { newId, type SourceProperties } from '@landfall/model'
import type { Insertable, Transaction } from 'kysely'
import { createServersLaunchTemplate } from '../configurations/launch-templates.ts'
import {
  LAUNCH_TEMPLATE_DEFAULTS,
  launchConfigurationFrom,
  REPLICATION_DEFAULTS,
  type ReplicationConfiguration,
} from '../configurations/settings.ts'
import type { LaunchConfigurationTemplateRow } from '../configurations/tables.ts'
import type { Schema } from '../database/schema.ts'
import { chooseTestNetwork } from '../networks/test-networks.ts'
import { copyActions } from '../post-launch-actions/operations.ts'
import type { SourceServerRow, SourceServersTable } from './tables.ts'

type Columns = Insertable<SourceServersTable>

/** What a new server has besides its settings. */
export interface NewServer extends Partial<Columns> {
  readonly state: Columns['state']
}

interface Maker {
  /** ARN of who registers or imports it. */
  readonly createdBy: string
  readonly now: Date
}

/** Makes a source server with settings, launch template and actions from the newest templates. */
export async function insertSourceServer(
  trx: Transaction<Schema>,
  properties: SourceProperties,
  maker: Maker,
  server: Omit<NewServer, 'tags'> & { readonly tags: Readonly<Record<string, string>> },
): Promise<SourceServerRow> {
  const { createdBy, now } = maker
  const { tags, ...columns } = server
  const id = newId('sourceServer')
  const template = await newestLaunchTemplate(trx)
  const settings = template?.settings ?? LAUNCH_TEMPLATE_DEFAULTS
  const { hostname } = properties.identificationHints
  await createServersLaunchTemplate(
    trx,
    { sourceServerID: id, name: tags.Name ?? hostname, disks: properties.disks },
    settings,
    maker,
  )
  if (template !== undefined) await copyActions(trx, { from: template.template_id, to: id })
  const row = await trx
    .insertInto('source_servers')
    .values({
      source_server_id: id,
      registered_by: createdBy,
      tags: JSON.stringify(tags),
      properties: JSON.stringify(properties),
      properties_updated_at: now,
      added_at: now,
      last_test: JSON.stringify({}),
      last_cutover: JSON.stringify({}),
      desired: 'STOPPED',
      initiation: JSON.stringify({}),
      launch_configuration: JSON.stringify(launchConfigurationFrom(settings, hostname)),
      replication_configuration: JSON.stringify(await newReplication(trx, properties)),
      ...columns,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  const testNetwork = template?.test_network ?? null
  if (testNetwork !== null) await chooseTestNetwork(trx, id, testNetwork)
  return row
}

type Template = Pick<LaunchConfigurationTemplateRow, 'template_id' | 'settings' | 'test_network'>

export function newestLaunchTemplate(trx: Transaction<Schema>): Promise<Template | undefined> {
  return trx
    .selectFrom('launch_configuration_templates')
    .select(['template_id', 'settings', 'test_network'])
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
}

async function newReplication(
  trx: Transaction<Schema>,
  properties: SourceProperties,
): Promise<ReplicationConfiguration> {
  const template = await trx
    .selectFrom('replication_templates')
    .select('settings')
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  return {
    ...(template?.settings ?? REPLICATION_DEFAULTS),
    name: properties.identificationHints.hostname,
    replicatedDisks: replicatedDisks(properties, []),
  }
}

/** The disks that are replicated, with what was set for those that were there before. */
export function replicatedDisks(
  properties: SourceProperties,
  before: ReplicationConfiguration['replicatedDisks'],
): ReplicationConfiguration['replicatedDisks'] {
  return properties.disks.map(
    ({ deviceName, isBootDisk }) =>
      before.find((disk) => disk.deviceName === deviceName) ?? {
        deviceName,
        isBootDisk,
        stagingDiskType: 'AUTO',
      },
  )
}

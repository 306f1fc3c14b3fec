import { LandfallError } from '@landfall/model'
import type { Kysely } from 'kysely'
import { agentKey } from '../channel/notifier.ts'
import type { Schema } from '../database/schema.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { OperationGroup } from '../http/operation.ts'
import { lockServer, readServer } from '../source-servers/records.ts'
import { requireBootMode } from './boot-mode.ts'
import {
  LAUNCH_CONFIGURATION_FIELDS,
  REPLICATION_CONFIGURATION_FIELDS,
  withChanges,
  type LaunchConfiguration,
  type ReplicationConfiguration,
} from './settings.ts'

interface ServerInput {
  readonly sourceServerID: string
}

/** Each server's own replication and launch configuration. */
export function serverConfigurationOperations(dependencies: OperationDependencies): OperationGroup {
  const { db, notifier } = dependencies
  return {
    mgn: {
      async GetReplicationConfiguration({ sourceServerID }: ServerInput) {
        const server = await readServer(db, sourceServerID)
        return { sourceServerID, ...server.replication_configuration }
      },

      async UpdateReplicationConfiguration(input: ServerInput & Partial<ReplicationConfiguration>) {
        const { sourceServerID } = input
        const configuration = await db.transaction().execute(async (trx) => {
          const { replication_configuration: old } = await lockServer(trx, sourceServerID)
          checkDisks(old, input.replicatedDisks)
          const changed = withChanges(old, input, REPLICATION_CONFIGURATION_FIELDS)
          await trx
            .updateTable('source_servers')
            .set({ replication_configuration: JSON.stringify(changed) })
            .where('source_server_id', '=', sourceServerID)
            .execute()
          return changed
        })
        // The agent learns a new throttle at once.
        notifier.notify(agentKey(sourceServerID))
        return { sourceServerID, ...configuration }
      },

      async GetLaunchConfiguration({ sourceServerID }: ServerInput) {
        const { launch_configuration: configuration } = await readServer(db, sourceServerID)
        return viewLaunchConfiguration(db, sourceServerID, configuration)
      },

      async UpdateLaunchConfiguration(input: ServerInput & Partial<LaunchConfiguration>) {
        const { sourceServerID } = input
        const configuration = await db.transaction().execute(async (trx) => {
          const { launch_configuration: old, properties } = await lockServer(trx, sourceServerID)
          requireBootMode(properties, input.bootMode)
          const changed = withChanges(old, input, LAUNCH_CONFIGURATION_FIELDS)
          await trx
            .updateTable('source_servers')
            .set({ launch_configuration: JSON.stringify(changed) })
            .where('source_server_id', '=', sourceServerID)
            .execute()
          return changed
        })
        return viewLaunchConfiguration(db, sourceServerID, configuration)
      },
    },
  }
}

async function viewLaunchConfiguration(
  db: Kysely<Schema>,
  sourceServerID: string,
  configuration: LaunchConfiguration,
): Promise<object> {
  const template = await db
    .selectFrom('launch_templates')
    .select('launch_template_id')
    .where('source_server_id', '=', sourceServerID)
    .executeTakeFirstOrThrow()
  return { sourceServerID, ec2LaunchTemplateID: template.launch_template_id, ...configuration }
}

/** Settings are for the disks the agent replicates; others cannot be added here. */
function checkDisks(
  { replicatedDisks }: ReplicationConfiguration,
  given: ReplicationConfiguration['replicatedDisks'] = [],
) {
  const unknown = given.find(
    (disk) => !replicatedDisks.some((known) => known.deviceName === disk.deviceName),
  )
  if (unknown === undefined) return
  const message = `${unknown.deviceName} is not a replicated disk of this server`
  throw new LandfallError('validation', message, { fields: [{ name: 'replicatedDisks', message }] })
}

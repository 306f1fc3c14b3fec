import type { Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { found, type ResourceType } from '../not-found.ts'

/** Who can have actions. */
export interface Owner {
  readonly words: 'SourceServer' | 'Template'
  readonly id: 'sourceServerID' | 'launchConfigurationTemplateID'
  readonly type: ResourceType
  /** Locks the owner, so that its actions change one after the other. */
  readonly lock: (trx: Transaction<Schema>, id: string) => Promise<unknown>
}

export const OWNERS: readonly Owner[] = [
  {
    words: 'SourceServer',
    id: 'sourceServerID',
    type: 'SourceServer',
    lock: (trx, id) =>
      trx
        .selectFrom('source_servers')
        .select('source_server_id')
        .where('source_server_id', '=', id)
        .forUpdate()
        .executeTakeFirst(),
  },
  {
    words: 'Template',
    id: 'launchConfigurationTemplateID',
    type: 'LaunchConfigurationTemplate',
    lock: (trx, id) =>
      trx
        .selectFrom('launch_configuration_templates')
        .select('template_id')
        .where('template_id', '=', id)
        .forUpdate()
        .executeTakeFirst(),
  },
]

/** The owner's ID; nobody else changes its actions before the transaction ends. */
export async function lockOwner(
  trx: Transaction<Schema>,
  owner: Owner,
  id: string,
): Promise<string> {
  found(await owner.lock(trx, id), owner.type, id)
  return id
}

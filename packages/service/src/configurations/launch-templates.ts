import { newId } from '@landfall/model'
import type { Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'

/** The instance type of a new launch template; used only where right sizing is off. */
const INSTANCE_TYPE = 't3.small'

/**
 * Makes an EC2 launch template, a server's own or (null) a configuration template's. Returns its
 * ID.
 */
export async function createLaunchTemplate(
  trx: Transaction<Schema>,
  sourceServerID: string | null,
): Promise<string> {
  const { launch_template_id } = await trx
    .insertInto('launch_templates')
    .values({
      launch_template_id: newId('launchTemplate'),
      source_server_id: sourceServerID,
      instance_type: INSTANCE_TYPE,
    })
    .returning('launch_template_id')
    .executeTakeFirstOrThrow()
  return launch_template_id
}

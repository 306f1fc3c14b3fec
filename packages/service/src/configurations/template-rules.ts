import { LandfallError } from '@landfall/model'
import type { Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { found } from '../not-found.ts'
import { SHOWN_KINDS } from '../jobs/tables.ts'

/** What both kinds of template have in common. */
type TemplateType = 'ReplicationConfigurationTemplate' | 'LaunchConfigurationTemplate'

/** `not_found` when an ID that was asked for is not among the rows. */
export function refuseUnknown(
  ids: readonly string[],
  rows: readonly { readonly template_id: string }[],
  type: TemplateType,
) {
  const missing = ids.find((id) => !rows.some((row) => row.template_id === id))
  if (missing !== undefined) found(undefined, type, missing)
}

/** `conflict` while there are source servers or jobs. MGN's rule: templates go last. */
export async function refuseWhileInUse(
  trx: Transaction<Schema>,
  resourceId: string,
  type: TemplateType,
) {
  const server = await trx
    .selectFrom('source_servers')
    .select('source_server_id')
    .limit(1)
    .executeTakeFirst()
  const job = await trx
    .selectFrom('jobs')
    .select('job_id')
    .where('kind', 'in', SHOWN_KINDS)
    .limit(1)
    .executeTakeFirst()
  if (server === undefined && job === undefined) return
  const what = server === undefined ? 'jobs' : 'source servers'
  throw new LandfallError(
    'conflict',
    `Template ${resourceId} cannot be deleted while there are ${what}; delete them first`,
    { resource: { resourceId, resourceType: type } },
  )
}

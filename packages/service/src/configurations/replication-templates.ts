import { arnOf, newId } from '@landfall/model'
import type { Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { CallContext, OperationGroup } from '../http/operation.ts'
import { found } from '../not-found.ts'
import { readPage, type PageRequest } from '../pages.ts'
import { REPLICATION_DEFAULTS, REPLICATION_FIELDS, withChanges } from './settings.ts'
import type { ReplicationTemplateRow } from './tables.ts'
import { refuseUnknown, refuseWhileInUse } from './template-rules.ts'

type Tagged = { readonly tags?: Readonly<Record<string, string>> }
type Account = Pick<CallContext, 'region' | 'accountID'>

export function replicationTemplateOperations({ db }: OperationDependencies): OperationGroup {
  type Id = { readonly replicationConfigurationTemplateID: string }
  const type = 'ReplicationConfigurationTemplate'
  return {
    mgn: {
      async CreateReplicationConfigurationTemplate(input: Tagged, context: CallContext) {
        const row = await db
          .transaction()
          .execute((trx) => insertReplicationTemplate(trx, input, context.now()))
        return viewReplicationTemplate(row, context)
      },
      async DescribeReplicationConfigurationTemplates(
        input: PageRequest & { readonly replicationConfigurationTemplateIDs?: readonly string[] },
        context: CallContext,
      ) {
        const ids = input.replicationConfigurationTemplateIDs ?? []
        let query = db.selectFrom('replication_templates')
        if (ids.length > 0) query = query.where('template_id', 'in', ids)
        // On later pages one may be gone since the first.
        if (ids.length > 0 && input.nextToken === undefined) {
          refuseUnknown(ids, await query.select('template_id').execute(), type)
        }
        const page = await readPage(query.selectAll(), input)
        return { ...page, items: page.items.map((row) => viewReplicationTemplate(row, context)) }
      },
      async UpdateReplicationConfigurationTemplate(input: Id, context: CallContext) {
        const id = input.replicationConfigurationTemplateID
        const row = await db.transaction().execute(async (trx) => {
          const old = await trx
            .selectFrom('replication_templates')
            .selectAll()
            .where('template_id', '=', id)
            .forUpdate()
            .executeTakeFirst()
          const settings = withChanges(found(old, type, id).settings, input, REPLICATION_FIELDS)
          return trx
            .updateTable('replication_templates')
            .set({ settings: JSON.stringify(settings) })
            .where('template_id', '=', id)
            .returningAll()
            .executeTakeFirstOrThrow()
        })
        return viewReplicationTemplate(row, context)
      },
      async DeleteReplicationConfigurationTemplate(input: Id) {
        const id = input.replicationConfigurationTemplateID
        await db.transaction().execute(async (trx) => {
          await refuseWhileInUse(trx, id, type)
          const deleted = await trx
            .deleteFrom('replication_templates')
            .where('template_id', '=', id)
            .returning('template_id')
            .executeTakeFirst()
          found(deleted, type, id)
        })
        return {}
      },
    },
  }
}

/** A new replication configuration template: the defaults with what `input` gives. */
export async function insertReplicationTemplate(
  trx: Transaction<Schema>,
  input: Tagged,
  now: Date,
) {
  return trx
    .insertInto('replication_templates')
    .values({
      template_id: newId('replicationConfigurationTemplate'),
      settings: JSON.stringify(withChanges(REPLICATION_DEFAULTS, input, REPLICATION_FIELDS)),
      tags: JSON.stringify(input.tags ?? {}),
      created_at: now,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

function viewReplicationTemplate(row: ReplicationTemplateRow, account: Account) {
  return {
    replicationConfigurationTemplateID: row.template_id,
    arn: arnOf('replicationConfigurationTemplate', row.template_id, account),
    ...row.settings,
    tags: row.tags,
  }
}

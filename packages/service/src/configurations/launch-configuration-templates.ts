import { arnOf, newId } from '@landfall/model'
import type { Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { OperationDependencies } from '../dependencies.ts'
import { callerArn, type CallContext, type OperationGroup } from '../http/operation.ts'
import { found } from '../not-found.ts'
import { readPage, type PageRequest } from '../pages.ts'
import { createTemplatesLaunchTemplate } from './launch-templates.ts'
import { LAUNCH_TEMPLATE_DEFAULTS, LAUNCH_TEMPLATE_FIELDS, withChanges } from './settings.ts'
import type { LaunchConfigurationTemplateRow } from './tables.ts'
import { refuseUnknown, refuseWhileInUse } from './template-rules.ts'

type Tagged = { readonly tags?: Readonly<Record<string, string>> }
type Account = Pick<CallContext, 'region' | 'accountID'>

export function launchTemplateOperations({ db }: OperationDependencies): OperationGroup {
  type Id = { readonly launchConfigurationTemplateID: string }
  const type = 'LaunchConfigurationTemplate'
  return {
    mgn: {
      async CreateLaunchConfigurationTemplate(input: Tagged, context: CallContext) {
        const maker = { createdBy: callerArn(context), now: context.now() }
        const row = await db
          .transaction()
          .execute((trx) => insertLaunchConfigurationTemplate(trx, input, maker))
        return viewLaunchTemplate(row, context)
      },
      async DescribeLaunchConfigurationTemplates(
        input: PageRequest & { readonly launchConfigurationTemplateIDs?: readonly string[] },
        context: CallContext,
      ) {
        const ids = input.launchConfigurationTemplateIDs ?? []
        let query = db.selectFrom('launch_configuration_templates')
        if (ids.length > 0) query = query.where('template_id', 'in', ids)
        // On later pages one may be gone since the first.
        if (ids.length > 0 && input.nextToken === undefined) {
          refuseUnknown(ids, await query.select('template_id').execute(), type)
        }
        const page = await readPage(query.selectAll(), input)
        return { ...page, items: page.items.map((row) => viewLaunchTemplate(row, context)) }
      },
      async UpdateLaunchConfigurationTemplate(input: Id, context: CallContext) {
        const id = input.launchConfigurationTemplateID
        const row = await db.transaction().execute(async (trx) => {
          const old = await trx
            .selectFrom('launch_configuration_templates')
            .selectAll()
            .where('template_id', '=', id)
            .forUpdate()
            .executeTakeFirst()
          const settings = withChanges(found(old, type, id).settings, input, LAUNCH_TEMPLATE_FIELDS)
          return trx
            .updateTable('launch_configuration_templates')
            .set({ settings: JSON.stringify(settings) })
            .where('template_id', '=', id)
            .returningAll()
            .executeTakeFirstOrThrow()
        })
        return viewLaunchTemplate(row, context)
      },
      async DeleteLaunchConfigurationTemplate(input: Id) {
        const id = input.launchConfigurationTemplateID
        await db.transaction().execute(async (trx) => {
          await refuseWhileInUse(trx, id, type)
          const deleted = await trx
            .deleteFrom('launch_configuration_templates')
            .where('template_id', '=', id)
            .returning('launch_template_id')
            .executeTakeFirst()
          const { launch_template_id } = found(deleted, type, id)
          await trx
            .deleteFrom('launch_templates')
            .where('launch_template_id', '=', launch_template_id)
            .execute()
          await trx.deleteFrom('actions').where('owner_id', '=', id).execute()
        })
        return {}
      },
    },
  }
}

/** A new launch configuration template, with an EC2 launch template of its own. */
export async function insertLaunchConfigurationTemplate(
  trx: Transaction<Schema>,
  input: Tagged,
  maker: { readonly createdBy: string; readonly now: Date },
) {
  const id = newId('launchConfigurationTemplate')
  const settings = withChanges(LAUNCH_TEMPLATE_DEFAULTS, input, LAUNCH_TEMPLATE_FIELDS)
  return trx
    .insertInto('launch_configuration_templates')
    .values({
      template_id: id,
      settings: JSON.stringify(settings),
      tags: JSON.stringify(input.tags ?? {}),
      launch_template_id: await createTemplatesLaunchTemplate(trx, id, settings, maker),
      created_at: maker.now,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

function viewLaunchTemplate(row: LaunchConfigurationTemplateRow, account: Account) {
  return {
    launchConfigurationTemplateID: row.template_id,
    arn: arnOf('launchConfigurationTemplate', row.template_id, account),
    ec2LaunchTemplateID: row.launch_template_id,
    ...row.settings,
    tags: row.tags,
  }
}

import { insertLaunchConfigurationTemplate } from './configurations/launch-configuration-templates.ts'
import { insertReplicationTemplate } from './configurations/replication-templates.ts'
import type { OperationDependencies } from './dependencies.ts'
import { callerArn, type CallContext, type OperationGroup } from './http/operation.ts'

/**
 * InitializeService: once for an account; calling it again changes nothing. It also makes the
 * first replication and launch configuration templates where there are none, so that an agent can
 * register at once; `landfall up` calls it at its first start. (MGN leaves the replication template
 * to its console, which asks for a subnet: there is nothing to ask here.)
 */
export function initializeOperations({ db }: OperationDependencies): OperationGroup {
  return {
    mgn: {
      async InitializeService(_: object, context: CallContext) {
        const { accountID, region } = context
        const at = context.now()
        await db.transaction().execute(async (trx) => {
          // Also the lock: two calls at once make one pair of templates.
          const row = { account_id: accountID, region, created_at: at }
          await trx
            .insertInto('accounts')
            .values({ ...row, initialized_at: at })
            .onConflict((conflict) =>
              conflict.column('account_id').doUpdateSet((update) => ({
                initialized_at: update.fn.coalesce('accounts.initialized_at', update.val(at)),
              })),
            )
            .execute()
          const has = (table: 'replication_templates' | 'launch_configuration_templates') =>
            trx.selectFrom(table).select('template_id').limit(1).executeTakeFirst()
          if (!(await has('replication_templates'))) await insertReplicationTemplate(trx, {}, at)
          if (!(await has('launch_configuration_templates'))) {
            await insertLaunchConfigurationTemplate(
              trx,
              {},
              { createdBy: callerArn(context), now: at },
            )
          }
        })
        return {}
      },
    },
  }
}

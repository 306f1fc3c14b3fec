import type { InstanceDetails } from '@landfall/model'
import { z } from 'zod'
import { firstBootReport } from '../channel/schemas.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { OperationGroup } from '../http/operation.ts'
import { found } from '../not-found.ts'
import { validated } from '../valid-input.ts'
import { changesOf } from './instance-changes.ts'
import { viewInstances } from './instance-view.ts'
import { screenshotOf } from './screenshot.ts'
import { requireToken } from './tokens.ts'

/**
 * Operations that prove the caller by a token in their input and need neither signature nor client
 * certificate: an instance has none.
 */
export const TOKEN_AUTHENTICATED: ReadonlySet<string> = new Set([
  'UpdateAgentConversionInfoForMgn',
  'GetInstanceCommandForMgn',
  'SendInstanceCommandResultForMgn',
])

const ofInstance = z.object({ instanceID: z.string().max(64) })

export function instanceOperations(dependencies: OperationDependencies): OperationGroup {
  const { db, instances } = dependencies
  return {
    forMgn: {
      /** First boot. The token counts once; later calls with it change nothing. */
      UpdateAgentConversionInfoForMgn: validated(firstBootReport, async (report) => {
        const { instanceID, hostname } = report
        const first_booted_at = dependencies.now()
        requireToken(instances.tokenKey, report)
        await db
          .updateTable('instances')
          .set({ first_boot: 'SUCCEEDED', hostname, first_booted_at })
          .where('instance_id', '=', instanceID)
          .where('first_boot', '<>', 'SUCCEEDED')
          .execute()
        return {}
      }),
    },
    landfall: {
      DescribeInstance: validated(ofInstance, async ({ instanceID }): Promise<InstanceDetails> => {
        const instance = found(
          await db
            .selectFrom('instances')
            .selectAll()
            .where('instance_id', '=', instanceID)
            .executeTakeFirst(),
          'Instance',
          instanceID,
        )
        const [view] = await viewInstances(dependencies, [instance])
        return {
          ...found(view, 'Instance', instanceID),
          independent: instance.independent_at !== null,
          firmware: instance.firmware,
          notes: instance.notes,
          disks: instance.disks,
          ...(instance.network !== null && { network: instance.network }),
          ...dependencies.instances.filesOf(instanceID),
        }
      }),

      DescribeInstanceChanges: validated(ofInstance, ({ instanceID }, { signal }) =>
        changesOf(dependencies, instanceID, signal),
      ),

      GetInstanceScreenshot: validated(ofInstance, ({ instanceID }) =>
        screenshotOf(dependencies, instanceID),
      ),
    },
  }
}

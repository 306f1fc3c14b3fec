import type { OperationDependencies } from '../dependencies.ts'
import type { CallContext, OperationGroup } from '../http/operation.ts'
import type { InstanceRow } from '../instances/tables.ts'
import { matchesFilters, type Filter } from './filters.ts'
import { findInstance, stateOf, viewInstance, type Ec2State } from './instances.ts'
import { keyedPage, type NumberedPageRequest } from '../numbered-pages.ts'

interface DescribeInput extends NumberedPageRequest {
  readonly InstanceIds?: readonly string[]
  readonly Filters?: readonly Filter[]
}

interface OfInstance {
  readonly InstanceId: string
}

/** Launched instances: what they are, and what they show. */
export function ec2InstanceOperations(dependencies: OperationDependencies): OperationGroup {
  const { db, provider } = dependencies
  return {
    ec2: {
      /** Those that exist; what was terminated only where it is asked for by its ID. */
      async DescribeInstances(input: DescribeInput, { accountID, region }: CallContext) {
        const { InstanceIds: ids = [] } = input
        for (const id of ids) await findInstance(db, id)
        const all = db.selectFrom('instances').where('purpose', '<>', 'REHEARSAL').selectAll()
        const rows = await (
          ids.length > 0
            ? all.where('instance_id', 'in', ids)
            : all.where('state', '<>', 'TERMINATED')
        ).execute()
        const found = await Promise.all(
          rows.map(async (row) => ({ row, state: await stateOf(provider, row) })),
        )
        const shown = found.filter(({ row, state }) =>
          matchesFilters(input.Filters, row.tags, valuesOf(row, state)),
        )
        const { items, nextToken } = keyedPage(shown, input, ({ row }) => keyOf(row))
        const Reservations = items.map(({ row, state }) => ({
          // One launch of one instance each.
          ReservationId: `r-${row.instance_id.slice('i-'.length)}`,
          OwnerId: accountID,
          Instances: [viewInstance(row, state, region)],
        }))
        return { Reservations, ...nextToken }
      },

      async GetConsoleOutput({ InstanceId }: OfInstance, context: CallContext) {
        await findInstance(db, InstanceId)
        const text = await provider.consoleOutput(InstanceId)
        const Output = Buffer.from(text).toString('base64')
        return { InstanceId, Timestamp: context.now(), Output }
      },

      async GetConsoleScreenshot({ InstanceId }: OfInstance) {
        await findInstance(db, InstanceId)
        const picture = await provider.screenshot(InstanceId)
        return { InstanceId, ImageData: picture.toString('base64') }
      },
    },
  }
}

/** The order of their launches. */
function keyOf({ created_at: createdAt, instance_id: id }: InstanceRow): string {
  return `${createdAt.toISOString()} ${id}`
}

function valuesOf(row: InstanceRow, state: Ec2State) {
  return {
    'instance-id': row.instance_id,
    'instance-state-name': state,
    'instance-type': row.instance_type ?? '',
  }
}

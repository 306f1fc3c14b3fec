import { arnOf, LandfallError, newId } from '@landfall/model'
import type { Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { CallContext, OperationGroup } from '../http/operation.ts'
import { found } from '../not-found.ts'
import { readPage, type PageRequest } from '../pages.ts'
import { countServers, lockConnectors } from './server-connectors.ts'
import type { ConnectorRow } from './tables.ts'

/** MGN's limit in an account. */
const CONNECTORS_MAX = 50

interface ConnectorInput {
  readonly name: string
  readonly ssmInstanceID: string
  readonly ssmCommandConfig?: object
  readonly tags?: Readonly<Record<string, string>>
}

interface Id {
  readonly connectorID: string
}

type Account = Pick<CallContext, 'region' | 'accountID'>

/** Hosts that act on source servers. */
export function connectorOperations({ db }: OperationDependencies): OperationGroup {
  return {
    mgn: {
      async CreateConnector(input: ConnectorInput, context: CallContext) {
        const { name, ssmInstanceID, ssmCommandConfig, tags = {} } = input
        const row = await db.transaction().execute(async (trx) => {
          await lockConnectors(trx)
          await checkCount(trx)
          return trx
            .insertInto('connectors')
            .values({
              connector_id: newId('connector'),
              name,
              ssm_instance_id: ssmInstanceID,
              ssm_command_config: textOf(ssmCommandConfig),
              tags: JSON.stringify(tags),
            })
            .returningAll()
            .executeTakeFirstOrThrow()
        })
        return viewConnector(row, context)
      },

      async ListConnectors(
        input: PageRequest & { readonly filters?: { readonly connectorIDs?: readonly string[] } },
        context: CallContext,
      ) {
        const { connectorIDs = [] } = input.filters ?? {}
        let query = db.selectFrom('connectors').selectAll()
        if (connectorIDs.length > 0) query = query.where('connector_id', 'in', connectorIDs)
        const page = await readPage(query, input)
        return { ...page, items: page.items.map((row) => viewConnector(row, context)) }
      },

      async UpdateConnector(input: Id & Partial<ConnectorInput>, context: CallContext) {
        const { connectorID, name, ssmCommandConfig } = input
        const row = await db
          .updateTable('connectors')
          .set({
            // Also what makes the statement whole when nothing is given.
            connector_id: connectorID,
            ...(name !== undefined && { name }),
            ...(ssmCommandConfig && { ssm_command_config: textOf(ssmCommandConfig) }),
          })
          .where('connector_id', '=', connectorID)
          .returningAll()
          .executeTakeFirst()
        return viewConnector(found(row, 'Connector', connectorID), context)
      },

      async DeleteConnector({ connectorID }: Id, context: CallContext) {
        await db.transaction().execute(async (trx) => {
          await lockConnectors(trx)
          const count = await countServers(trx, arnOf('connector', connectorID, context))
          if (count > 0) throw stillUsed(connectorID, count)
          const deleted = await trx
            .deleteFrom('connectors')
            .where('connector_id', '=', connectorID)
            .returning('connector_id')
            .executeTakeFirst()
          found(deleted, 'Connector', connectorID)
        })
        return {}
      },
    },
  }
}

/** The operation declares no quota error, so that this is one of its validation errors. */
async function checkCount(trx: Transaction<Schema>) {
  const { count } = await trx
    .selectFrom('connectors')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  if (Number(count) < CONNECTORS_MAX) return
  throw new LandfallError(
    'validation',
    `There are ${CONNECTORS_MAX} connectors, which is the limit; delete one first`,
  )
}

function stillUsed(connectorID: string, count: number): LandfallError {
  return new LandfallError(
    'validation',
    `Connector ${connectorID} still has ${count} source servers; give them another first`,
  )
}

function textOf(value: object | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value)
}

function viewConnector(row: ConnectorRow, account: Account): object {
  return {
    connectorID: row.connector_id,
    arn: arnOf('connector', row.connector_id, account),
    name: row.name,
    ssmInstanceID: row.ssm_instance_id,
    ...(row.ssm_command_config && { ssmCommandConfig: row.ssm_command_config }),
    tags: row.tags,
  }
}

import { arnOf } from '@landfall/model'
import { sql, type Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { CallContext, OperationGroup } from '../http/operation.ts'
import { serverConflict } from '../lifecycle/server-conflict.ts'
import { found } from '../not-found.ts'
import { lockServer } from '../source-servers/records.ts'
import { viewSourceServer } from '../source-servers/source-server-view.ts'
import type { ConnectorAction } from '../source-servers/tables.ts'

/** MGN's limit of one connector. */
const SERVERS_PER_CONNECTOR_MAX = 500

/** Serialises the counting of connectors and of their servers; no other lock has this number. */
const CONNECTOR_LOCK = 1_500_003

type Account = Pick<CallContext, 'region' | 'accountID'>

/** Which connector acts on a source server. */
export function serverConnectorOperations({ db, timing }: OperationDependencies): OperationGroup {
  return {
    mgn: {
      async UpdateSourceServer(
        input: { readonly sourceServerID: string; readonly connectorAction?: ConnectorAction },
        context: CallContext,
      ) {
        const { sourceServerID, connectorAction } = input
        const row = await db.transaction().execute(async (trx) => {
          await lockConnectors(trx)
          const server = await lockServer(trx, sourceServerID)
          if (connectorAction === undefined) return server
          await checkConnector(trx, sourceServerID, connectorAction, context)
          return trx
            .updateTable('source_servers')
            .set({ connector_action: JSON.stringify(connectorAction) })
            .where('source_server_id', '=', sourceServerID)
            .returningAll()
            .executeTakeFirstOrThrow()
        })
        return viewSourceServer(db, row, { account: context, now: context.now(), timing })
      },
    },
  }
}

/** Nobody else adds or removes a connector, or gives one away, before the transaction ends. */
export async function lockConnectors(trx: Transaction<Schema>) {
  await sql`select pg_advisory_xact_lock(${CONNECTOR_LOCK})`.execute(trx)
}

export async function countServers(
  trx: Transaction<Schema>,
  connectorArn: string,
): Promise<number> {
  const { count } = await trx
    .selectFrom('source_servers')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where(sql`connector_action->>'connectorArn'`, '=', connectorArn)
    .executeTakeFirstOrThrow()
  return Number(count)
}

async function checkConnector(
  trx: Transaction<Schema>,
  sourceServerID: string,
  { connectorArn }: ConnectorAction,
  account: Account,
) {
  if (connectorArn === undefined) return
  const id = connectorArn.slice(connectorArn.lastIndexOf('/') + 1)
  const known = await trx
    .selectFrom('connectors')
    .select('connector_id')
    .where('connector_id', '=', id)
    .executeTakeFirst()
  const isOurs = arnOf('connector', id, account) === connectorArn
  found(isOurs ? known : undefined, 'Connector', connectorArn)
  if ((await countServers(trx, connectorArn)) < SERVERS_PER_CONNECTOR_MAX) return
  throw serverConflict(
    sourceServerID,
    'TOO_MANY_SERVERS',
    `would be one more than the ${SERVERS_PER_CONNECTOR_MAX} that connector ${id} can have`,
  )
}

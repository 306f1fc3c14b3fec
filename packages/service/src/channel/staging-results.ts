import type { ChannelResult, StagingCommand } from '@landfall/model'
import type { Transaction } from 'kysely'
import type { Database } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'
import { takeInspection } from '../preflight/take-inspection.ts'
import { volumesCreated } from './volumes.ts'

/**
 * Takes in how a command of the staging area ended. A result that comes twice, or for a command
 * that was withdrawn, changes nothing.
 */
export async function takeStagingResult(
  db: Database,
  { commandID, outcome }: ChannelResult,
  options: { readonly replicatorID: string; readonly retryMs: number; readonly now: Date },
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const row = await trx
      .selectFrom('staging_commands')
      .select('command')
      .where('command_id', '=', commandID)
      .executeTakeFirst()
    if (row === undefined) return
    // The server's row is locked before the command's, as everywhere.
    const server = await lockServerOf(trx, row.command)
    const ended = await trx
      .updateTable('staging_commands')
      .set({ finished_at: options.now, outcome: JSON.stringify(outcome) })
      .where('command_id', '=', commandID)
      .where('finished_at', 'is', null)
      .returning('command_id')
      .executeTakeFirst()
    if (ended === undefined) return
    if (row.command.type === 'INSPECT_POINT') {
      await takeInspection(trx, row.command, outcome, options.now)
    }
    if (server?.initiation.volumesCommandID !== commandID) return
    await volumesCreated(trx, server, outcome, options)
  })
}

/** Only the result of CREATE_VOLUMES changes its server. */
async function lockServerOf(trx: Transaction<Schema>, command: StagingCommand) {
  if (command.type !== 'CREATE_VOLUMES') return undefined
  return trx
    .selectFrom('source_servers')
    .selectAll()
    .where('source_server_id', '=', command.sourceServerID)
    .forUpdate()
    .executeTakeFirst()
}

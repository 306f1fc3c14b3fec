import { newId, type StagingCommand, type WithoutCommandID } from '@landfall/model'
import type { Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { StagingCommandRow } from './tables.ts'

export type StagingRequest = WithoutCommandID<StagingCommand>

export interface NewStagingCommand {
  /** The same key never makes a second command: a step that is repeated finds its own. */
  readonly key: string
  readonly request: StagingRequest
  readonly now: Date
  /** Not handed out earlier. */
  readonly notBefore?: Date
}

/** Records a command for the staging area, or finds the one with the same key. Returns its row. */
export async function addStagingCommand(
  db: Kysely<Schema>,
  { key, request, now, notBefore }: NewStagingCommand,
): Promise<StagingCommandRow> {
  const commandID = newId('command')
  await db
    .insertInto('staging_commands')
    .values({
      command_id: commandID,
      key,
      command: JSON.stringify({ commandID, ...request }),
      created_at: now,
      not_before: notBefore ?? now,
    })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute()
  return db
    .selectFrom('staging_commands')
    .selectAll()
    .where('key', '=', key)
    .executeTakeFirstOrThrow()
}

/** Takes back a command that nobody waits for any more: it is handed out no longer. */
export async function withdrawStagingCommand(
  db: Kysely<Schema>,
  key: string,
  error: string,
  now: Date,
): Promise<void> {
  await db
    .updateTable('staging_commands')
    .set({ finished_at: now, outcome: JSON.stringify({ ok: false, error }) })
    .where('key', '=', key)
    .where('finished_at', 'is', null)
    .execute()
}

/** Drops a command that has ended. */
export async function forgetStagingCommand(db: Kysely<Schema>, key: string): Promise<void> {
  await db
    .deleteFrom('staging_commands')
    .where('key', '=', key)
    .where('finished_at', 'is not', null)
    .execute()
}

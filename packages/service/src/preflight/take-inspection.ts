import type { StagingCommand } from '@landfall/model'
import type { Transaction } from 'kysely'
import type { StagingOutcome } from '../channel/tables.ts'
import type { Schema } from '../database/schema.ts'
import { guestFacts } from './facts-schema.ts'
import { keepPointFacts, type SeenFacts } from './keep-facts.ts'

type InspectCommand = Extract<StagingCommand, { type: 'INSPECT_POINT' }>

/**
 * Takes in what was seen on a point, or why nothing was. An inspection that made way for a
 * conversion has seen nothing: it comes again.
 */
export async function takeInspection(
  trx: Transaction<Schema>,
  { commandID, sourceServerID, pointID }: InspectCommand,
  outcome: StagingOutcome,
  now: Date,
): Promise<void> {
  // Nobody waits for it: the next inspection of the point may have the same key.
  await trx.deleteFrom('staging_commands').where('command_id', '=', commandID).execute()
  if (!outcome.ok && outcome.code === 'conflict') return
  // Its server may have been deleted meanwhile.
  const server = await trx
    .selectFrom('source_servers')
    .select('source_server_id')
    .where('source_server_id', '=', sourceServerID)
    .forUpdate()
    .executeTakeFirst()
  if (server === undefined) return
  await keepPointFacts(trx, { sourceServerID, pointID }, seenIn(outcome, now))
}

function seenIn(outcome: StagingOutcome, lookedAt: Date): SeenFacts {
  if (!outcome.ok) return { lookedAt, error: outcome.error }
  const facts = guestFacts.safeParse((outcome.result as { facts?: unknown }).facts)
  if (facts.success) return { lookedAt, facts: facts.data }
  const error = `The staging area told what cannot be: ${facts.error.issues[0]?.message}`
  return { lookedAt, error }
}

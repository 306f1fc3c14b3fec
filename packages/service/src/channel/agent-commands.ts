import {
  newId,
  type AgentCommand,
  type CommandResult,
  type WithoutCommandID,
} from '@landfall/model'
import type { Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { AgentCommandRow } from './tables.ts'

export type AgentRequest = WithoutCommandID<AgentCommand>

export interface NewAgentCommand {
  /** The same key never makes a second command. */
  readonly key: string
  readonly sourceServerID: string
  readonly request: AgentRequest
  readonly now: Date
}

/** Records a command for an agent. Returns its ID. */
export async function addAgentCommand(
  db: Kysely<Schema>,
  { key, sourceServerID, request, now }: NewAgentCommand,
): Promise<string> {
  const commandID = newId('command')
  await db
    .insertInto('agent_commands')
    .values({
      command_id: commandID,
      key,
      source_server_id: sourceServerID,
      command: JSON.stringify({ commandID, ...request }),
      created_at: now,
    })
    .execute()
  return commandID
}

/** The agent's commands that have not ended, oldest first. */
export async function openAgentCommands(
  db: Kysely<Schema>,
  sourceServerID: string,
): Promise<AgentCommandRow[]> {
  return db
    .selectFrom('agent_commands')
    .selectAll()
    .where('source_server_id', '=', sourceServerID)
    .where('finished_at', 'is', null)
    .orderBy('seq')
    .execute()
}

/**
 * Ends a command of this agent. Returns it, or undefined when it had ended or is not this agent's.
 */
export async function finishAgentCommand(
  db: Kysely<Schema>,
  sourceServerID: string,
  { commandID, outcome }: CommandResult,
  now: Date,
): Promise<AgentCommand | undefined> {
  const row = await db
    .updateTable('agent_commands')
    .set({ finished_at: now, outcome: JSON.stringify(outcome) })
    .where('command_id', '=', commandID)
    .where('source_server_id', '=', sourceServerID)
    .where('finished_at', 'is', null)
    .returning('command')
    .executeTakeFirst()
  return row?.command
}

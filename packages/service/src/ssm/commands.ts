import { isEnded, LandfallError } from '@landfall/model'
import type { Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { NumberedPageRequest } from '../numbered-pages.ts'
import { pageStart, toPage } from '../pages.ts'
import { commandState, type CommandState, type InvocationState } from './command-status.ts'
import { SsmError } from './ssm-error.ts'
import type { SsmCommandRow, SsmInvocationRow } from './tables.ts'

/** SSM's greatest page of commands, and the one without a number. */
export const COMMANDS_PAGE = 50

/** Which commands, or which of their invocations, are asked for. */
export interface CommandsInput extends NumberedPageRequest {
  readonly CommandId?: string
  readonly InstanceId?: string
  readonly Filters?: readonly { readonly key: string; readonly value: string }[]
}

/** What is listed of a command: not the scripts. */
export type ListedCommand = Omit<SsmCommandRow, 'sealed_steps'>

export interface CommandWithState {
  readonly command: Pick<SsmCommandRow, 'command_id' | 'seq' | 'max_errors'>
  readonly state: CommandState
}

/** The commands that are asked for, newest first, and how they stand. */
export async function findCommands(
  db: Kysely<Schema>,
  input: CommandsInput,
): Promise<CommandWithState[]> {
  const ids = commandIDs(db, input)
  const commands = await db
    .selectFrom('ssm_commands')
    .select(['command_id', 'seq', 'max_errors'])
    .where('command_id', 'in', ids)
    .orderBy('seq', 'desc')
    .execute()
  const states = await readStates(db, ids)
  return commands
    .map((command) => ({
      command,
      state: commandState(states.get(command.command_id) ?? [], command.max_errors),
    }))
    .filter(({ state }) => passes(state, input))
}

/** These commands, whole but for their scripts. */
export function readCommands(
  db: Kysely<Schema>,
  ids: readonly string[],
): Promise<readonly ListedCommand[]> {
  if (ids.length === 0) return Promise.resolve([])
  return db
    .selectFrom('ssm_commands')
    .select(['command_id', 'seq', 'document_name', 'document_version', 'comment'])
    .select(['sealed_parameters', 'step_names', 'instance_ids', 'targets', 'timeout_seconds'])
    .select(['max_concurrency', 'max_errors', 'requested_at', 'deliver_by', 'expires_at'])
    .where('command_id', 'in', ids)
    .execute()
}

/** An invocation, and what there is to say of its command. */
export type InvocationOfCommand = SsmInvocationRow &
  Pick<
    SsmCommandRow,
    'document_name' | 'document_version' | 'comment' | 'requested_at' | 'step_names'
  >

/** A page of the invocations that are asked for, newest first. */
export async function findInvocations(
  db: Kysely<Schema>,
  input: CommandsInput,
): Promise<{ items: readonly InvocationOfCommand[]; nextToken?: string }> {
  const { MaxResults: maxResults = COMMANDS_PAGE, NextToken: nextToken } = input
  const { after, limit } = pageStart({ maxResults, nextToken })
  let query = invocations(db).where('ssm_invocations.command_id', 'in', commandIDs(db, input))
  if (input.InstanceId !== undefined) query = query.where('instance_id', '=', input.InstanceId)
  for (const { key, value } of input.Filters ?? []) {
    if (key === 'Status') {
      query = query.where((where) =>
        where.or([where('status', '=', value as never), where('status_details', '=', value)]),
      )
    } else if (key === 'ExecutionStage') {
      query = query.where('ended_at', value === 'Complete' ? 'is not' : 'is', null)
    }
  }
  if (after !== undefined) query = query.where('ssm_invocations.seq', '<', -after)
  const rows = await query
    .orderBy('ssm_invocations.seq', 'desc')
    .limit(limit + 1)
    .execute()
  // Pages are in the order of their numbers, and here the newest comes first.
  const numbered = rows.map((row) => ({ row, seq: -row.seq }))
  return toPage(numbered, limit, ({ row }) => row)
}

export async function findInvocation(
  db: Kysely<Schema>,
  commandID: string,
  instanceID: string,
): Promise<InvocationOfCommand> {
  const row = await invocations(db)
    .where('ssm_invocations.command_id', '=', commandID)
    .where('instance_id', '=', instanceID)
    .executeTakeFirst()
  if (row !== undefined) return row
  throw new SsmError(
    'InvocationDoesNotExist',
    `There is no invocation of command ${commandID} on instance ${instanceID}.`,
  )
}

export function noCommand(commandID: string): SsmError {
  return new SsmError('InvalidCommandId', `There is no command ${commandID}.`)
}

function invocations(db: Kysely<Schema>) {
  return db
    .selectFrom('ssm_invocations')
    .innerJoin('ssm_commands', 'ssm_commands.command_id', 'ssm_invocations.command_id')
    .selectAll('ssm_invocations')
    .select(['document_name', 'document_version', 'comment', 'requested_at', 'step_names'])
}

/** Of the commands that are asked for, whatever became of them. */
function commandIDs(db: Kysely<Schema>, input: CommandsInput) {
  const { CommandId: commandID, InstanceId: instanceID, Filters: filters = [] } = input
  let query = db.selectFrom('ssm_commands').select('command_id')
  if (commandID !== undefined) query = query.where('command_id', '=', commandID)
  if (instanceID !== undefined) {
    const there = db
      .selectFrom('ssm_invocations')
      .select('command_id')
      .where('instance_id', '=', instanceID)
    query = query.where('command_id', 'in', there)
  }
  for (const { key, value } of filters) {
    if (key === 'DocumentName') query = query.where('document_name', '=', value)
    if (key === 'InvokedAfter') query = query.where('requested_at', '>', readTime(key, value))
    if (key === 'InvokedBefore') query = query.where('requested_at', '<', readTime(key, value))
  }
  return query
}

async function readStates(
  db: Kysely<Schema>,
  ids: ReturnType<typeof commandIDs>,
): Promise<ReadonlyMap<string, readonly InvocationState[]>> {
  const rows = await db
    .selectFrom('ssm_invocations')
    .select(['command_id', 'status', 'status_details'])
    .where('command_id', 'in', ids)
    .execute()
  return Map.groupBy(rows, (row) => row.command_id)
}

function passes(state: CommandState, { Filters: filters = [] }: CommandsInput): boolean {
  return filters.every(({ key, value }) => {
    if (key === 'Status') return state.Status === value || state.StatusDetails === value
    if (key === 'ExecutionStage') return isEnded(state.Status) === (value === 'Complete')
    return true
  })
}

function readTime(key: string, text: string): Date {
  const time = new Date(text)
  if (!Number.isNaN(time.getTime())) return time
  throw new LandfallError(
    'validation',
    `${text} is no time; ${key} wants one like 2026-01-31T12:00Z.`,
  )
}

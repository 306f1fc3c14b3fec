import { INVOCATION_TRANSITIONS, isEnded, type InvocationEvent } from '@landfall/model'
import type { Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { countErrors, limitOf } from './command-status.ts'
import type { SsmCommandRow } from './tables.ts'

/**
 * The command, which nobody else moves on any instance before the transaction ends; undefined when
 * there is none. It is locked before any of its invocations, so that no two wait for each other.
 */
export function lockCommand(
  trx: Transaction<Schema>,
  commandID: string,
): Promise<SsmCommandRow | undefined> {
  return trx
    .selectFrom('ssm_commands')
    .selectAll()
    .where('command_id', '=', commandID)
    .forUpdate()
    .executeTakeFirst()
}

interface Move {
  readonly commandID: string
  /** Absent: on all of the command's instances. */
  readonly instanceIDs?: readonly string[]
  readonly now: Date
  readonly trace?: string
  /** Of the command's steps, as JSON. */
  readonly results?: string
}

/** Moves the invocations for which the event is legal. Returns the instances where it was. */
export async function moveInvocations(
  trx: Transaction<Schema>,
  event: InvocationEvent,
  { commandID, instanceIDs, now, trace, results }: Move,
): Promise<string[]> {
  const moved: string[] = []
  for (const { from, to, details } of INVOCATION_TRANSITIONS.filter((row) => row.event === event)) {
    const all = trx
      .updateTable('ssm_invocations')
      .set({
        status: to,
        status_details: details,
        ...(event === 'Delivered' && { started_at: now }),
        ...(isEnded(to) && { ended_at: now }),
        ...(trace !== undefined && { trace }),
        ...(results !== undefined && { steps: results }),
      })
      .where('command_id', '=', commandID)
      .where('status', 'in', from)
    const some = instanceIDs === undefined ? all : all.where('instance_id', 'in', [...instanceIDs])
    const rows = await some.returning('instance_id').execute()
    moved.push(...rows.map((row) => row.instance_id))
  }
  return moved
}

/** A command that has failed on more instances than it may is delivered to no other. */
export async function stopAtErrors(
  trx: Transaction<Schema>,
  { command_id: commandID, max_errors: maxErrors }: SsmCommandRow,
  now: Date,
): Promise<void> {
  const invocations = await trx
    .selectFrom('ssm_invocations')
    .select(['status', 'status_details'])
    .where('command_id', '=', commandID)
    .execute()
  if (countErrors(invocations) <= limitOf(maxErrors, invocations.length, 0)) return
  await moveInvocations(trx, 'ErrorsExceeded', { commandID, now })
}

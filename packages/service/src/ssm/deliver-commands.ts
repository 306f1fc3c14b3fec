import {
  COMMANDS_AT_ONCE_MAX,
  type InstancePoll,
  type InstancePollAnswer,
  type InstanceStep,
} from '@landfall/model'
import type { Transaction } from 'kysely'
import type { Database } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'
import type { OperationDependencies } from '../dependencies.ts'
import { limitOf } from './command-status.ts'
import { lockCommand, moveInvocations } from './invocations.ts'
import { stepsLabel } from './new-command.ts'

/**
 * What the instance's agent does not know yet. A command is recorded as delivered before it is
 * told, and told until the agent says that it has it: what is still pending was never run.
 */
export async function commandsFor(
  { db, secretBox }: Pick<OperationDependencies, 'db' | 'secretBox'>,
  { instanceID, running, cancelling }: InstancePoll,
  now: Date,
): Promise<InstancePollAnswer> {
  await deliverPending(db, instanceID, now)
  const open = await openInvocations(db, instanceID)
  const ids = (status: string, known: readonly string[]) =>
    open
      .filter((row) => row.status === status && !known.includes(row.command_id))
      .map((row) => row.command_id)
  const commands = ids('InProgress', running).map(async (commandID) => {
    const { sealed_steps: sealed } = await db
      .selectFrom('ssm_commands')
      .select('sealed_steps')
      .where('command_id', '=', commandID)
      .executeTakeFirstOrThrow()
    const steps = JSON.parse(secretBox.open(sealed, stepsLabel(commandID))) as InstanceStep[]
    return { commandID, steps }
  })
  return { commands: await Promise.all(commands), cancelled: ids('Cancelling', cancelling) }
}

/** As many as the agent runs at once, the oldest first. */
async function deliverPending(db: Database, instanceID: string, now: Date): Promise<void> {
  const open = await openInvocations(db, instanceID)
  const pending = open.filter((row) => row.status === 'Pending')
  let room = COMMANDS_AT_ONCE_MAX - (open.length - pending.length)
  for (const { command_id: commandID } of pending) {
    if (room <= 0) return
    const isDelivered = await db
      .transaction()
      .execute((trx) => deliver(trx, { commandID, instanceID, now }))
    if (isDelivered) room -= 1
  }
}

/** Unless as many instances run the command as may at once. */
async function deliver(
  trx: Transaction<Schema>,
  delivery: { readonly commandID: string; readonly instanceID: string; readonly now: Date },
): Promise<boolean> {
  const { commandID, instanceID, now } = delivery
  const command = await lockCommand(trx, commandID)
  if (command === undefined || command.deliver_by <= now) return false
  const invocations = await trx
    .selectFrom('ssm_invocations')
    .select(['started_at', 'ended_at'])
    .where('command_id', '=', commandID)
    .execute()
  const running = invocations.filter((one) => one.started_at !== null && one.ended_at === null)
  if (running.length >= limitOf(command.max_concurrency, invocations.length, 1)) return false
  const moved = await moveInvocations(trx, 'Delivered', {
    commandID,
    instanceIDs: [instanceID],
    now,
  })
  return moved.length > 0
}

function openInvocations(db: Database, instanceID: string) {
  return db
    .selectFrom('ssm_invocations')
    .select(['command_id', 'status'])
    .where('instance_id', '=', instanceID)
    .where('ended_at', 'is', null)
    .orderBy('seq')
    .execute()
}

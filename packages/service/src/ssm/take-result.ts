import {
  LandfallError,
  type InstanceCommandResult,
  type InvocationEvent,
  type StepStatus,
} from '@landfall/model'
import type { Transaction } from 'kysely'
import type { Database } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'
import { lockCommand, moveInvocations, stopAtErrors } from './invocations.ts'

const EVENT_OF: Readonly<Record<StepStatus, InvocationEvent>> = {
  Success: 'Succeeded',
  Failed: 'Failed',
  TimedOut: 'TimedOut',
  Cancelled: 'Cancelled',
}

type Told = InstanceCommandResult & { readonly instanceID: string }

/**
 * Takes the agent's word on how a command ended. What has ended already, or is not there any more,
 * is not changed by it. Returns the instances that may have something to run now.
 */
export async function takeResult(db: Database, result: Told, now: Date): Promise<string[]> {
  const { commandID, instanceID, status, trace, steps } = result
  return await db.transaction().execute(async (trx) => {
    const command = await lockCommand(trx, commandID)
    if (command === undefined) return []
    const moved = await moveInvocations(trx, EVENT_OF[status], {
      commandID,
      instanceIDs: [instanceID],
      now,
      results: JSON.stringify(steps),
      ...(trace !== undefined && { trace }),
    })
    if (moved.length === 0) await refuseUntimely(trx, result)
    await stopAtErrors(trx, command, now)
    const waiting = await trx
      .selectFrom('ssm_invocations')
      .select('instance_id')
      .where('command_id', '=', commandID)
      .where('status', '=', 'Pending')
      .execute()
    return [instanceID, ...waiting.map((row) => row.instance_id)]
  })
}

/** What is open here had no such end to tell of: it was not delivered, or not to be cancelled. */
async function refuseUntimely(trx: Transaction<Schema>, result: Told): Promise<void> {
  const row = await trx
    .selectFrom('ssm_invocations')
    .select('status')
    .where('command_id', '=', result.commandID)
    .where('instance_id', '=', result.instanceID)
    .where('ended_at', 'is', null)
    .executeTakeFirst()
  if (row === undefined) return
  throw new LandfallError(
    'conflict',
    `Command ${result.commandID} is ${row.status} and cannot become ${result.status}`,
  )
}

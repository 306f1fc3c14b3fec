import { LandfallError } from '@landfall/model'
import type { Dependencies } from '../dependencies.ts'
import { commandKey, STAGING_KEY } from './notifier.ts'
import { addStagingCommand, forgetStagingCommand, type StagingRequest } from './staging-commands.ts'
import type { StagingOutcome } from './tables.ts'

export interface StagingCall {
  /** The same key never makes a second command. */
  readonly key: string
  readonly request: StagingRequest
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

type World = Pick<Dependencies, 'db' | 'notifier' | 'timing' | 'now'>

/**
 * Has the staging area carry out a command, and waits for how it ended; undefined when that takes
 * longer than allowed (the command stays, and is carried out all the same).
 */
export async function callStaging(
  { db, notifier, timing, now }: World,
  call: StagingCall,
): Promise<StagingOutcome | undefined> {
  const command = await addStagingCommand(db, { ...call, now: now() })
  notifier.notify(STAGING_KEY)
  const look = async () => {
    const row = await db
      .selectFrom('staging_commands')
      .select('outcome')
      .where('command_id', '=', command.command_id)
      .executeTakeFirst()
    return row?.outcome ?? undefined
  }
  return notifier.until(commandKey(command.command_id), look, {
    timeoutMs: call.timeoutMs,
    recheckMs: timing.recheckMs,
    signal: call.signal,
  })
}

/**
 * The same, but throws when the command failed or was not done in time, else gives its result. A
 * failed command is forgotten, so that the next call with its key tries again.
 */
export async function resultFromStaging(world: World, call: StagingCall): Promise<object> {
  const outcome = await callStaging(world, call)
  if (outcome?.ok) return outcome.result
  if (outcome !== undefined) await forgetStagingCommand(world.db, call.key)
  const what = call.request.type
  throw new LandfallError(
    'unavailable',
    outcome === undefined
      ? `The staging area did not answer ${what} in time; see whether it runs (landfall status)`
      : `The staging area could not do ${what}: ${outcome.error}`,
  )
}

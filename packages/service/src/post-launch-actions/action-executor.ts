import type { Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { InstanceRow } from '../instances/tables.ts'
import type { ActionOutcome } from './action-outcome.ts'
import type { ActionRunRow } from './tables.ts'

/** What is to be done for an action, and where its end will be seen. */
export interface PreparedRun {
  readonly execution:
    | { readonly command_id: string; readonly image_id: null }
    | { readonly command_id: null; readonly image_id: string }
  /** Records it, in the transaction that records the run. */
  readonly begin: (trx: Transaction<Schema>) => Promise<void>
}

/** One way to run actions: as commands of the instance's agent, or by the service itself. */
export interface ActionExecutor {
  /** Why it cannot be run on an instance that has booted, if so. */
  hindranceOf(trx: Transaction<Schema>, instanceID: string): Promise<string | undefined>

  /** Throws `LandfallError` for what the action's owner has to put right. */
  prepare(run: ActionRunRow, instance: InstanceRow): Promise<PreparedRun>

  /** How it has ended, if it has. What takes longer than it may is stopped. */
  outcomeOf(trx: Transaction<Schema>, run: ActionRunRow): Promise<ActionOutcome | undefined>
}

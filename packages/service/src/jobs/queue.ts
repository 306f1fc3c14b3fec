import type { Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'

/** Where jobs wait until they are run. */
export interface JobQueue {
  /** Adds a job in the transaction that makes it, so that there is neither without the other. */
  enqueue(trx: Transaction<Schema>, jobID: string): Promise<void>
  /** Says that transactions with `enqueue` were committed: looks at once instead of soon. */
  wake(): void
}

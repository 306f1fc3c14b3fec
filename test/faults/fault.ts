import type { Random } from './random.ts'
import type { Site } from './site.ts'
import type { Stand } from './stand.ts'

/** What a fault is done to, and with what. */
export interface FaultContext {
  readonly stand: Stand
  readonly site: Site
  /** Chooses the moments; the same for the same seed and fault. */
  readonly random: Random
}

/**
 * One fault to survive. The runner checks the end state of the site afterwards: CONTINUOUS,
 * verified clean, nothing frozen, nothing left behind.
 */
export interface Fault {
  readonly name: string
  /**
   * `standing`: the source server that most faults share, CONTINUOUS. `new`: one that has just been
   * installed, in its initial sync.
   */
  readonly on: 'standing' | 'new'
  /**
   * Causes the fault, waits for what must be seen while it lasts, ends it, and says what was done.
   * Throws when the system behaved otherwise than promised.
   */
  readonly cause: (context: FaultContext) => Promise<string>
}

import type { RecordedMerge } from './volume-record.ts'

export interface BegunMerge {
  readonly merge: RecordedMerge
  /** Aborts when somebody needs what the merge has hold of. */
  readonly interrupted: AbortSignal
}

interface OpenMerge extends BegunMerge {
  readonly interrupt: AbortController
  readonly ended: PromiseWithResolvers<void>
  /** It cannot be interrupted any more, and is over soon. */
  isFinishing: boolean
}

/**
 * Whose turn it is with the layers of a source server: one merge, or operations that must not meet
 * it. Operations go first, whatever they are: a merge that is in the way of one is given up, and
 * begins again later. An open merge stays so over the lives of the storage daemon, until it ends or
 * is undone.
 */
export class MergeTurn {
  readonly #coming = new Set<Promise<void>>()
  readonly #running = new Set<Promise<void>>()
  #open: OpenMerge | undefined

  /** `merge`: one that an earlier process left open. */
  constructor(merge: RecordedMerge | null) {
    if (merge !== null) this.#begin(merge)
  }

  /**
   * Runs the operation as soon as no merge is open that it conflicts with, or that is just being
   * finished; no merge begins or is finished meanwhile. Rejects with the signal's reason when it
   * aborts before the operation has begun.
   */
  async aside<T>(
    operation: () => Promise<T>,
    options: { conflicts: (merge: RecordedMerge) => boolean; signal: AbortSignal },
  ): Promise<T> {
    const { conflicts, signal } = options
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#coming.add(promise)
    try {
      for (
        let open = this.#open;
        open !== undefined && (open.isFinishing || conflicts(open.merge));
        open = this.#open
      ) {
        open.interrupt.abort()
        await unlessAborted(open.ended.promise, signal)
      }
      this.#running.add(promise)
      return await operation()
    } finally {
      this.#coming.delete(promise)
      this.#running.delete(promise)
      resolve()
    }
  }

  /**
   * Opens the merge that `choose` names, when no operation runs or waits; undefined when it names
   * none, or when one is open that has to be undone first.
   */
  async begin(choose: () => RecordedMerge | undefined): Promise<BegunMerge | undefined> {
    while (this.#open === undefined && this.#coming.size > 0) await Promise.all(this.#coming)
    if (this.#open !== undefined) return undefined
    const merge = choose()
    return merge && this.#begin(merge)
  }

  /** From now on operations wait until the merge has ended. Resolves when none runs any more. */
  async finish(): Promise<void> {
    if (this.#open !== undefined) this.#open.isFinishing = true
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  interrupt(): void {
    this.#open?.interrupt.abort()
  }

  /** The merge has been completed or undone. Ending twice is fine. */
  end(): void {
    this.#open?.ended.resolve()
    this.#open = undefined
  }

  #begin(merge: RecordedMerge): BegunMerge {
    const interrupt = new AbortController()
    const ended = Promise.withResolvers<void>()
    this.#open = { merge, interrupt, interrupted: interrupt.signal, ended, isFinishing: false }
    return this.#open
  }
}

async function unlessAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = (): void => reject(signal.reason as Error)
  signal.addEventListener('abort', abort, { once: true })
  try {
    await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

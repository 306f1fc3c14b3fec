import type { AgentLog } from '../agent-log.ts'

/** How often the log and other held writes reach the disk. */
const FLUSH_MS = 500

/**
 * The agent's own writes to files. While a point is being made a filesystem may be frozen, and a
 * write to it would wait for the very thaw the agent is to perform: writes wait here instead.
 */
export class DiskWrites implements AsyncDisposable {
  readonly #isHeld: () => boolean
  readonly #log: AgentLog
  readonly #timer: NodeJS.Timeout
  readonly #pending = new Map<string, () => Promise<void>>()
  #flushing: Promise<void> = Promise.resolve()

  constructor(options: { log: AgentLog; isHeld: () => boolean }) {
    this.#log = options.log
    this.#isHeld = options.isHeld
    this.#timer = setInterval(() => {
      if (!this.#isHeld()) void this.#flush()
    }, FLUSH_MS)
  }

  /** Performs `write` soon; a newer write of the same name replaces one that still waits. */
  request(name: string, write: () => Promise<void>): void {
    this.#pending.set(name, write)
  }

  /** Writes everything, now: only for when nothing can be frozen any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await this.#flush()
  }

  async #flush(): Promise<void> {
    const writes = [...this.#pending]
    this.#pending.clear()
    this.#flushing = this.#flushing.then(async () => {
      for (const [name, write] of writes) {
        try {
          await write()
        } catch (error) {
          this.#log.log(`Cannot write ${name}: ${String(error)}`)
        }
      }
      await this.#log.flush()
    })
    await this.#flushing
  }
}

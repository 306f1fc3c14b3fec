import { setTimeout as sleep } from 'node:timers/promises'
import { errorText } from '@landfall/model'

/**
 * A service that is being restarted is back in seconds; one that is down is asked twice a minute.
 */
const BACKOFF_MS_MIN = 500
const BACKOFF_MS_MAX = 30_000

export interface Notice {
  readonly action: string
  /** Asked before each attempt; undefined: there is nothing to tell any more. */
  readonly body: () => Promise<object | undefined>
  readonly onAccepted?: () => Promise<void>
}

export interface NoticesOptions {
  readonly call: (action: string, body: object) => Promise<unknown>
  readonly log: (message: string) => void
  readonly signal: AbortSignal
}

/**
 * Tells the service what has happened, each notice until it is accepted. Of one subject only the
 * latest notice counts, so that the memory is bounded however long the service is away.
 */
export class Notices {
  readonly #options: NoticesOptions
  readonly #latest = new Map<string, Notice>()

  constructor(options: NoticesOptions) {
    this.#options = options
  }

  /** `subject`: what the notice is about; it takes the place of an earlier one. */
  tell(subject: string, notice: Notice): void {
    const isBeingSent = this.#latest.has(subject)
    this.#latest.set(subject, notice)
    if (!isBeingSent) void this.#send(subject)
  }

  async #send(subject: string): Promise<void> {
    const { signal, log } = this.#options
    let backoffMs = BACKOFF_MS_MIN
    let notice = this.#latest.get(subject)
    while (notice !== undefined && !signal.aborted) {
      try {
        await this.#attempt(notice)
        if (this.#latest.get(subject) === notice) this.#latest.delete(subject)
        backoffMs = BACKOFF_MS_MIN
      } catch (error) {
        if (backoffMs === BACKOFF_MS_MIN) log(`Not yet told to the service: ${errorText(error)}`)
        await sleep(backoffMs, undefined, { signal }).catch(() => undefined)
        backoffMs = Math.min(2 * backoffMs, BACKOFF_MS_MAX)
      }
      notice = this.#latest.get(subject)
    }
  }

  async #attempt(notice: Notice): Promise<void> {
    const body = await notice.body()
    if (body === undefined) return
    await this.#options.call(notice.action, body)
    await notice.onAccepted?.()
  }
}

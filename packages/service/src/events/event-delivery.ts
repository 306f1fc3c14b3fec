import { appendFile } from 'node:fs/promises'
import { errorText } from '@landfall/model'
import { Attempts } from '../background.ts'
import type { Dependencies } from '../dependencies.ts'
import { envelope } from './envelope.ts'
import { findWebhook } from './operations.ts'
import type { EventRow } from './tables.ts'
import { post } from './webhook.ts'

/** At one look: bounds what a look takes when many have gathered. */
const EVENTS_AT_ONCE_MAX = 100

const SECOND_MS = 1000
const HOUR_MS = 3600 * SECOND_MS

/** Attempts are a second apart at first, then twice as long each time, up to an hour. */
const RETRY_MS = SECOND_MS
const RETRY_MS_MAX = HOUR_MS
/** Then the event is given up, and still in the file. */
const GIVE_UP_MS = 24 * HOUR_MS

type World = Pick<Dependencies, 'db' | 'account' | 'secretBox' | 'now' | 'log'> & {
  /** JSON, a line for each event. */
  readonly eventsFile: string
}

/**
 * Delivers events: to the file, and to the webhook when there is one, each at least once and in
 * their order. A receiver that is away gets them when it is back, within a day.
 */
export class EventDelivery {
  readonly #world: World
  readonly #attempts: Attempts

  constructor(world: World) {
    this.#world = world
    this.#attempts = new Attempts(world.log)
  }

  /** Delivers what is due. What fails is logged once, and tried again when its time has come. */
  async look(): Promise<void> {
    await this.#attempts.try('Events were not written to their file', () => this.#write())
    await this.#attempts.try('Events were not sent to the webhook', () => this.#send())
    await this.#attempts.try('Events were not forgotten', () => this.#forget())
  }

  async #write(): Promise<void> {
    const { db, account, now, eventsFile } = this.#world
    const rows = await db
      .selectFrom('events')
      .selectAll()
      .where('logged_at', 'is', null)
      .orderBy('seq')
      .limit(EVENTS_AT_ONCE_MAX)
      .execute()
    for (const row of rows) {
      await appendFile(eventsFile, `${JSON.stringify(envelope(row, account))}\n`, { mode: 0o640 })
      await db.updateTable('events').set({ logged_at: now() }).where('seq', '=', row.seq).execute()
    }
  }

  async #send(): Promise<void> {
    const { db } = this.#world
    const rows = await db
      .selectFrom('events')
      .selectAll()
      .where('settled_at', 'is', null)
      .orderBy('seq')
      .limit(EVENTS_AT_ONCE_MAX)
      .execute()
    if (rows.length === 0) return
    const webhook = await findWebhook(this.#world)
    for (const row of rows) {
      // Without a webhook there is nobody who waits for it, now or later.
      const isSettled = webhook === undefined || (await this.#deliver(row, webhook))
      // The next ones wait, so that a receiver sees them in their order.
      if (!isSettled) return
      await this.#settle(row)
    }
  }

  /** Whether the event need not be sent any more. */
  async #deliver(row: EventRow, webhook: { url: string; secret: string }): Promise<boolean> {
    const { account, now, log } = this.#world
    if (row.next_attempt_at !== null && row.next_attempt_at > now()) return false
    const body = JSON.stringify(envelope(row, account))
    try {
      await post(webhook.url, { secret: webhook.secret, body, now: now() })
      return true
    } catch (error) {
      const reason = errorText(error)
      if (now().getTime() - row.at.getTime() > GIVE_UP_MS) {
        log(`Event ${row.event_id} was not taken by the webhook within a day: ${reason}`)
        return true
      }
      await this.#postpone(row, reason)
      return false
    }
  }

  async #postpone(row: EventRow, error: string): Promise<void> {
    const { db, now } = this.#world
    const waitMs = Math.min(RETRY_MS * 2 ** row.attempts, RETRY_MS_MAX)
    await db
      .updateTable('events')
      .set({
        attempts: row.attempts + 1,
        next_attempt_at: new Date(now().getTime() + waitMs),
        error,
      })
      .where('seq', '=', row.seq)
      .execute()
  }

  /** What everybody has is in the file, and needs no place here. */
  async #forget(): Promise<void> {
    await this.#world.db
      .deleteFrom('events')
      .where('logged_at', 'is not', null)
      .where('settled_at', 'is not', null)
      .execute()
  }

  async #settle({ seq }: EventRow): Promise<void> {
    const { db, now } = this.#world
    await db.updateTable('events').set({ settled_at: now() }).where('seq', '=', seq).execute()
  }
}

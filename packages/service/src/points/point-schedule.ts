import { Attempts } from '../background.ts'
import { agentKey, STAGING_KEY } from '../channel/notifier.ts'
import type { Dependencies } from '../dependencies.ts'
import { lockServer } from '../source-servers/records.ts'
import { beginDeletion, settleDeletion } from './deletion.ts'
import { expirePoints, forgetPoint } from './points.ts'
import { readHeldPoints, readOutdatedPoints } from './retention.ts'
import { dueServers, requestDuePoint } from './due-points.ts'

const DAY_MS = 24 * 60 * 60 * 1000

/** A point that failed is shown for so long. */
const FAILED_KEPT_MS = DAY_MS

/** Scheduled points being made at once: each freezes a source and flushes the staging disk. */
const SCHEDULED_AT_ONCE_MAX = 8

/**
 * Servers whose points are held against their policy at one look; of more, the next look sees the
 * next ones. Each has dozens of points.
 */
const RETENTION_AT_ONCE_MAX = 200

/** Points being deleted at once: each merge reads and writes the staging disk. */
const DELETIONS_AT_ONCE_MAX = 4

type World = Pick<Dependencies, 'db' | 'notifier' | 'timing' | 'now' | 'log'>

/**
 * Makes points by each server's policy, and deletes those that it no longer keeps. All it goes by
 * is in the database: after a restart it goes on as if there had been none.
 */
export class PointSchedule {
  readonly #world: World
  readonly #attempts: Attempts
  /** Where the last look for old points ended. */
  #retainedUpTo = 0

  constructor(world: World) {
    this.#world = world
    this.#attempts = new Attempts(world.log)
  }

  /** Does all that is due now. What fails is logged, and does not keep the rest from being done. */
  async look(): Promise<void> {
    await this.#attempts.try('Late points were not given up', () => this.#giveUpLate())
    await this.#attempts.try('Points were not asked for', () => this.#askForDue())
    await this.#attempts.try('Deletions were not concluded', () => this.#settleDeletions())
    await this.#attempts.try('Old points were not deleted', () => this.#deleteOutdated())
    await this.#attempts.try('Failed points were not forgotten', () => this.#forgetFailed())
  }

  async #giveUpLate(): Promise<void> {
    const { db, now, timing } = this.#world
    const limit = new Date(now().getTime() - timing.pointDeadlineMs)
    const rows = await db
      .selectFrom('points')
      .select('source_server_id as server')
      .where('state', '=', 'REQUESTED')
      .where('requested_at', '<', limit)
      .distinct()
      .execute()
    for (const { server } of rows) {
      await this.#attempts.try(`Late points of ${server} were not given up`, () =>
        db.transaction().execute(async (trx) => {
          await lockServer(trx, server)
          await expirePoints(trx, server, limit, now())
        }),
      )
    }
  }

  async #askForDue(): Promise<void> {
    const { db, now, timing, notifier } = this.#world
    const { open } = await db
      .selectFrom('points')
      .select(({ fn }) => fn.countAll<number>().as('open'))
      .where('state', '=', 'REQUESTED')
      .where('reason', '=', 'SCHEDULED')
      .executeTakeFirstOrThrow()
    let room = SCHEDULED_AT_ONCE_MAX - open
    if (room <= 0) return
    const options = { now: now(), timing }
    for await (const server of dueServers(db, options)) {
      await this.#attempts.try(`No point of ${server} was asked for`, async () => {
        const isAsked = await db
          .transaction()
          .execute((trx) => requestDuePoint(trx, server, options))
        if (!isAsked) return
        room -= 1
        notifier.notify(agentKey(server))
      })
      if (room <= 0) return
    }
  }

  async #settleDeletions(): Promise<void> {
    const { db, now, timing, notifier } = this.#world
    const rows = await db
      .selectFrom('points')
      .select('point_id')
      .where('state', '=', 'DELETING')
      .orderBy('seq')
      .execute()
    for (const { point_id: pointID } of rows) {
      await this.#attempts.try(`Point ${pointID} was not deleted`, async () => {
        const options = { now: now(), retryMs: timing.pointDeleteRetryMs }
        const progress = await settleDeletion(db, pointID, options)
        if (progress.state === 'FAILED') throw new Error(progress.error)
      })
    }
    if (rows.length > 0) notifier.notify(STAGING_KEY)
  }

  /** One point of a server at a time: the merges of one server would wait for each other. */
  async #deleteOutdated(): Promise<void> {
    const { db, now, notifier } = this.#world
    const busy = await db
      .selectFrom('points')
      .select('source_server_id as server')
      .where('state', '=', 'DELETING')
      .where('delete_not_before', 'is', null)
      .execute()
    let room = DELETIONS_AT_ONCE_MAX - busy.length
    if (room <= 0) return
    const servers = await db
      .selectFrom('source_servers')
      .select(['source_server_id as id', 'seq'])
      .where('seq', '>', this.#retainedUpTo)
      .orderBy('seq')
      .limit(RETENTION_AT_ONCE_MAX)
      .execute()
    const busyServers = new Set(busy.map((row) => row.server))
    const free = servers.map(({ id }) => id).filter((id) => !busyServers.has(id))
    const nothingHeld = { held: new Set<string>(), now: now() }
    for (const server of (await readOutdatedPoints(db, free, nothingHeld)).keys()) {
      if (room <= 0) break
      await this.#attempts.try(`No point of ${server} was deleted`, async () => {
        if (!(await this.#deleteOldest(server))) return
        room -= 1
        notifier.notify(STAGING_KEY)
      })
    }
    // Where there was no room for all, the next look sees the same servers again.
    if (room <= 0) return
    const isLast = servers.length < RETENTION_AT_ONCE_MAX
    this.#retainedUpTo = isLast ? 0 : (servers.at(-1)?.seq ?? 0)
  }

  /** Looks once more with the server locked: nobody can choose a point between look and mark. */
  async #deleteOldest(sourceServerID: string): Promise<boolean> {
    const { db, now } = this.#world
    return db.transaction().execute(async (trx) => {
      await lockServer(trx, sourceServerID)
      const held = await readHeldPoints(trx, [sourceServerID])
      const outdated = await readOutdatedPoints(trx, [sourceServerID], { held, now: now() })
      const pointID = outdated.get(sourceServerID)?.[0]
      if (pointID === undefined) return false
      await beginDeletion(trx, { sourceServerID, pointID, now: now() })
      return true
    })
  }

  async #forgetFailed(): Promise<void> {
    const { db, now } = this.#world
    const rows = await db
      .selectFrom('points')
      .select('point_id')
      .where('state', '=', 'FAILED')
      .where('requested_at', '<', new Date(now().getTime() - FAILED_KEPT_MS))
      .execute()
    for (const { point_id: pointID } of rows) {
      await db.transaction().execute((trx) => forgetPoint(trx, pointID))
    }
  }
}

import { sql } from 'kysely'
import { Attempts } from '../background.ts'
import { STAGING_KEY } from '../channel/notifier.ts'
import { addStagingCommand } from '../channel/staging-commands.ts'
import type { Dependencies } from '../dependencies.ts'

/** How points are looked into. */
export interface PreflightSettings {
  /** A server's newest point, at most so often; 0: never. */
  readonly pointsEveryMinutes: number
}

/** Hourly, like the agent: a look runs a virtual machine for seconds, or a minute without KVM. */
export const PREFLIGHT_SETTINGS: PreflightSettings = { pointsEveryMinutes: 60 }

/** A server that has just become ready is often tested at once: a look would be in the way. */
const FIRST_POINT_AGE_MS = 5 * 60_000

const MINUTE_MS = 60_000

type World = Pick<Dependencies, 'db' | 'notifier' | 'preflight' | 'now' | 'log'>

/**
 * Has the newest points looked into for preflight: one at a time, those first that were not looked
 * at for longest, and only while nothing is converted. All it goes by is in the database.
 */
export class PointInspections {
  readonly #world: World
  readonly #attempts: Attempts

  constructor(world: World) {
    this.#world = world
    this.#attempts = new Attempts(world.log)
  }

  async look(): Promise<void> {
    await this.#attempts.try('No point was looked into', () => this.#askForNext())
  }

  async #askForNext(): Promise<void> {
    const { db, notifier, now, preflight } = this.#world
    if (preflight.pointsEveryMinutes === 0 || (await this.#isBusy())) return
    const point = await this.#nextPoint(now())
    if (point === undefined) return
    const { sourceServerID, pointID } = point
    const request = { type: 'INSPECT_POINT', sourceServerID, pointID } as const
    await addStagingCommand(db, { key: `inspect ${pointID}`, request, now: now() })
    notifier.notify(STAGING_KEY)
  }

  /** A conversion that is waited for goes first; and one inspection is enough. */
  async #isBusy(): Promise<boolean> {
    const row = await this.#world.db
      .selectFrom('staging_commands')
      .select('command_id')
      .where('finished_at', 'is', null)
      .where(sql<string>`command->>'type'`, 'in', ['CONVERT', 'INSPECT_POINT'])
      .limit(1)
      .executeTakeFirst()
    return row !== undefined
  }

  /** The newest point of the server that was looked at longest ago, when that is long enough. */
  async #nextPoint(now: Date) {
    const { db, preflight } = this.#world
    const dueBefore = new Date(now.getTime() - preflight.pointsEveryMinutes * MINUTE_MS)
    const settledBefore = new Date(now.getTime() - FIRST_POINT_AGE_MS)
    const { rows } = await sql<{ sourceServerID: string; pointID: string }>`
      select server.source_server_id as "sourceServerID", newest.point_id as "pointID"
        from source_servers server
        left join guest_facts seen
          on seen.source_server_id = server.source_server_id and seen.source = 'POINT'
        cross join lateral (
          select point_id from points
            where source_server_id = server.source_server_id and state = 'AVAILABLE'
            order by seq desc limit 1
          ) newest
        where (seen.looked_at is null or seen.looked_at <= ${dueBefore})
          and seen.point_id is distinct from newest.point_id
          and exists (
            select from points
              where source_server_id = server.source_server_id and state = 'AVAILABLE'
                and taken_at <= ${settledBefore}
            )
        order by seen.looked_at nulls first, server.seq limit 1`.execute(db)
    return rows[0]
  }
}

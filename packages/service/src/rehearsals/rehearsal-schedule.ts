import { sql } from 'kysely'
import { Attempts } from '../background.ts'
import type { OperationDependencies } from '../dependencies.ts'
import { lockServer } from '../source-servers/records.ts'
import { startRehearsal } from './start-rehearsal.ts'

type World = Pick<OperationDependencies, 'db' | 'jobs' | 'now' | 'log'>

/**
 * Starts the rehearsals that are due: one at a time, those first that were not rehearsed for
 * longest, and only while nobody launches anything.
 */
export class RehearsalSchedule {
  readonly #world: World
  readonly #attempts: Attempts

  constructor(world: World) {
    this.#world = world
    this.#attempts = new Attempts(world.log)
  }

  async look(): Promise<void> {
    await this.#attempts.try('No rehearsal was started', () => this.#startNext())
  }

  async #startNext(): Promise<void> {
    const { db, jobs, now } = this.#world
    const started = await db.transaction().execute(async (trx) => {
      const busy = await trx
        .selectFrom('jobs')
        .select('job_id')
        .where('status', '<>', 'COMPLETED')
        .where('kind', 'in', ['LAUNCH', 'REHEARSAL'])
        .limit(1)
        .executeTakeFirst()
      if (busy !== undefined) return false
      const { rows } = await sql<{ sourceServerID: string }>`
        select server.source_server_id as "sourceServerID"
          from rehearsal_settings settings
          join source_servers server using (source_server_id)
          left join lateral (
            select started_at from rehearsals
              where source_server_id = server.source_server_id order by seq desc limit 1
            ) last on true
          where server.desired = 'REPLICATING' and not server.is_archived
            and (last.started_at is null
              or last.started_at + settings.every_hours * interval '1 hour' <= ${now()})
            and exists (
              select from points
                where source_server_id = server.source_server_id and state = 'AVAILABLE'
              )
          order by last.started_at nulls first, server.seq limit 1`.execute(trx)
      const [next] = rows
      if (next === undefined) return false
      await lockServer(trx, next.sourceServerID)
      await startRehearsal(trx, jobs, { ...next, now: now() })
      return true
    })
    if (started) jobs.wake()
  }
}

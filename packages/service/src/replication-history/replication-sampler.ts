import { sql } from 'kysely'
import { Attempts } from '../background.ts'
import type { Dependencies } from '../dependencies.ts'
import { KEPT_MS } from './retention.ts'

/**
 * Servers whose old samples are deleted at one look; of more, the next look sees the next ones. Of
 * 10,000 servers each has its turn within the hour, with 50 samples to delete.
 */
const RETENTION_AT_ONCE_MAX = 200

type World = Pick<Dependencies, 'db' | 'now' | 'log'>

/** Writes down at each look how every server replicates, and deletes what is older than is kept. */
export class ReplicationSampler {
  readonly #world: World
  readonly #attempts: Attempts
  /** Where the last look for old samples ended. */
  #retainedUpTo = 0

  constructor(world: World) {
    this.#world = world
    this.#attempts = new Attempts(world.log)
  }

  /** What fails is logged, and tried at the next look. */
  async look(): Promise<void> {
    await this.#attempts.try('Replication was not sampled', () => this.#sample())
    await this.#attempts.try('Old samples of replication were not deleted', () => this.#retain())
  }

  /**
   * All servers in one statement, a quarter of a second for 10,000 of them: their reports do not
   * leave the database. State and lag are those of `viewReplication`, which a test holds them to.
   */
  async #sample(): Promise<void> {
    const { db, now } = this.#world
    const at = sql`${now()}::timestamptz`
    await sql`
      insert into replication_samples
          (source_server_id, at, state, lag_seconds, backlog_bytes, wire_bytes)
        select source_server_id, ${at}, shown.state,
            case
              when newest.taken_at is null then null
              when report is null then extract(epoch from ${at} - newest.taken_at)
              when shown.state = 'CONTINUOUS' and told.lag_seconds = 0 then 0
              else told.lag_seconds
                + greatest(0, extract(epoch from ${at} - reported_at))
            end,
            coalesce(told.backlog_bytes, 0),
            coalesce((report->>'wireBytes')::bigint, 0)
          from source_servers
          left join lateral (
            select taken_at from points
              where source_server_id = source_servers.source_server_id and state = 'AVAILABLE'
              order by seq desc limit 1
            ) newest on true
          cross join lateral (
            select report->>'state' as state, (report->>'lagSeconds')::real as lag_seconds,
              (select sum((disk->>'backloggedStorageBytes')::bigint)
                from jsonb_array_elements(report->'disks') disk) as backlog_bytes
            ) told
          cross join lateral (
            select case
                when desired <> 'REPLICATING' then desired
                when is_stalled then 'STALLED'
                when initiation->>'dataAt' is null
                  or coalesce(told.state, 'INITIATING')
                    in ('INITIATING', 'PAUSED', 'STOPPED', 'DISCONNECTED') then 'INITIATING'
                when told.state = 'CONTINUOUS' and newest.taken_at is null
                  then 'CREATING_SNAPSHOT'
                else told.state
              end as state
            ) shown
          where not is_archived and desired in ('REPLICATING', 'PAUSED')
          -- The foreign key locks them one by one, in the order in which all who lock several do.
          order by source_server_id
        on conflict do nothing`.execute(db)
  }

  async #retain(): Promise<void> {
    const { db, now } = this.#world
    const servers = await db
      .selectFrom('source_servers')
      .select(['source_server_id', 'seq'])
      .where('seq', '>', this.#retainedUpTo)
      .orderBy('seq')
      .limit(RETENTION_AT_ONCE_MAX)
      .execute()
    const isLast = servers.length < RETENTION_AT_ONCE_MAX
    this.#retainedUpTo = isLast ? 0 : (servers.at(-1)?.seq ?? 0)
    if (servers.length === 0) return
    await db
      .deleteFrom('replication_samples')
      .where(
        'source_server_id',
        'in',
        servers.map((row) => row.source_server_id),
      )
      .where('at', '<', new Date(now().getTime() - KEPT_MS))
      .execute()
  }
}

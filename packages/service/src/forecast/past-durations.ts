import { sql, type Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'

/** Parts of a launch whose past is kept, in their order. */
export const MEASURED_PARTS = ['CLEANUP', 'POINT', 'CONVERSION', 'LAUNCH', 'FIRST_BOOT'] as const

export type MeasuredPart = (typeof MEASURED_PARTS)[number]

/** How long a part took before, in seconds, the newest first. */
export type Past = Partial<Readonly<Record<MeasuredPart, readonly number[]>>>

export interface PastDurations {
  readonly ofAll: Past
  readonly ofServer: ReadonlyMap<string, Past>
}

/** Older ones were of another load, another disk, and perhaps of another host. */
const SERVER_SAMPLES_MAX = 10
const ALL_SAMPLES_MAX = 50

/**
 * How long the parts of launches took: of these servers, and of all. Steps of jobs are recorded
 * when they begin and when they end; first boots when the agent in the instance tells of them, and
 * rehearsals measure theirs.
 */
export async function pastDurations(
  db: Kysely<Schema>,
  sourceServerIDs: readonly string[],
): Promise<PastDurations> {
  const { rows } = await sql<{ server: string; part: MeasuredPart; seconds: number; all: boolean }>`
    with steps as (
      select step.*, job.kind from job_steps step join jobs job using (job_id)
        -- What was rescued has an error: it waited for something that did not come about.
        where step.succeeded and step.error is null and job.kind in ('LAUNCH', 'REHEARSAL')
    ), measured as (
      select source_server_id as server, ended_at as at,
          case step when 'SNAPSHOT' then 'POINT' else step end as part,
          extract(epoch from ended_at - started_at) as seconds
        from steps
        where step in ('CONVERSION', 'LAUNCH') or (step in ('SNAPSHOT', 'CLEANUP') and kind = 'LAUNCH')
      union all
      select source_server_id, first_booted_at, 'FIRST_BOOT',
          -- An instance may tell of its boot before its launch was recorded.
          greatest(0, extract(epoch from first_booted_at - steps.ended_at))
        from instances join steps using (job_id, source_server_id)
        where first_booted_at is not null and step = 'LAUNCH' and result->>'started' = 'true'
      union all
      select source_server_id, ended_at, 'FIRST_BOOT', booted_seconds
        from rehearsals where booted_seconds is not null and ended_at is not null
    ), ranked as (
      select *, row_number() over (partition by part order by at desc) as of_all,
          row_number() over (partition by part, server order by at desc) as of_server
        from measured
    )
    select server, part, seconds::float8 as seconds, of_all <= ${ALL_SAMPLES_MAX} as all
      from ranked
      where of_all <= ${ALL_SAMPLES_MAX}
        or (of_server <= ${SERVER_SAMPLES_MAX} and server = any(${sourceServerIDs}))
      order by at desc`.execute(db)
  const byServer = Map.groupBy(rows, ({ server }) => server)
  return {
    ofAll: byPart(rows.filter(({ all }) => all)),
    ofServer: new Map(
      sourceServerIDs.map((id) => [id, byPart(byServer.get(id) ?? [], SERVER_SAMPLES_MAX)]),
    ),
  }
}

function byPart(
  rows: readonly { readonly part: MeasuredPart; readonly seconds: number }[],
  samplesMax = ALL_SAMPLES_MAX,
): Past {
  const parts = Map.groupBy(rows, ({ part }) => part)
  return Object.fromEntries(
    Array.from(parts, ([part, own]) => [
      part,
      own.slice(0, samplesMax).map(({ seconds }) => seconds),
    ]),
  )
}

import { sql } from 'kysely'
import { givenColumns } from '../packages/service/src/database/given-columns.fixture.ts'
import type { DevelopmentService } from './development-service.ts'

/** No other server of the story is copied: these have no instance, and nobody waits for them. */
const MODELS = ['report01', 'erp-batch01', 'report-old01', 'lab-node02', 'lab-old01', 'lab-old02']

/** How the rows of a table are copied: which one, and what is different in the copy, as SQL. */
interface Copy {
  readonly table: string
  readonly original: string
  readonly hasSequence: boolean
  readonly values: Readonly<Record<string, string>>
}

const COPIES: readonly Copy[] = [
  {
    table: 'source_servers',
    original: 'source_server_id = model',
    hasSequence: true,
    values: {
      source_server_id: 'id',
      machine_identity: 'md5(id)',
      report: `jsonb_set(original.report, '{lagSeconds}', '0')`,
      properties: `jsonb_set(original.properties, '{identificationHints}',
        jsonb_build_object('hostname', hostname, 'fqdn', hostname || '.example.net'))`,
    },
  },
  {
    table: 'launch_templates',
    original: 'launch_template_id = model_template',
    hasSequence: true,
    values: {
      source_server_id: 'id',
      launch_template_id: 'template_id',
      name: `'created-and-used-by-application-migration-service-' || id`,
    },
  },
  {
    table: 'launch_template_versions',
    original: 'launch_template_id = model_template',
    hasSequence: false,
    values: { launch_template_id: 'template_id' },
  },
  {
    table: 'points',
    original: 'seq = model_point',
    hasSequence: true,
    values: { source_server_id: 'id', point_id: `'point-' || substr(md5(id), 1, 17)` },
  },
]

/**
 * Copies servers of the story until there are so many: with names, settings, launch templates and a
 * point of their own. No agent is played for them, so that nothing about them moves; whatever is
 * done to them is done.
 */
export async function multiplyServers({ world }: DevelopmentService, count: number): Promise<void> {
  const hostnames = MODELS.map((name) => `'${name}'`).join()
  await world.db.transaction().execute(async (trx) => {
    const run = (statement: string) => sql.raw(statement).execute(trx)
    const there = await trx
      .selectFrom('source_servers')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    await run(`
      create temporary table copied on commit drop as
        select models.*, 's-' || substr(md5('copy ' || n), 1, 17) as id,
          'lt-' || substr(md5('template ' || n), 1, 17) as template_id,
          format('node-%s', lpad(n::text, 5, '0')) as hostname
        from generate_series(${there.count + 1}, ${count}) n
        join (
          select row_number() over () - 1 as number, count(*) over () as models,
            source_server_id as model, launch_template_id as model_template,
            (select max(seq) from points where state = 'AVAILABLE'
              and points.source_server_id = source_servers.source_server_id) as model_point
          from source_servers join launch_templates using (source_server_id)
          where properties->'identificationHints'->>'hostname' in (${hostnames})
        ) models on n % models = number`)
    for (const copy of COPIES) await run(insertCopies(copy, await givenColumns(trx, copy.table)))
    await run(`insert into point_policies select id, '{"enabled":false}' from copied`)
  })
  await sql`vacuum analyze`.execute(world.db)
}

/** A statement that inserts a copy of its original for each row of `copied`. */
function insertCopies(
  { table, original, hasSequence, values }: Copy,
  columns: readonly string[],
): string {
  const changes = Object.entries(values).flatMap(([column, value]) => [`'${column}'`, value])
  const next = `nextval(pg_get_serial_sequence('${table}', 'seq'))`
  if (hasSequence) changes.push(`'seq'`, next)
  const made = columns.map((column) => `made.${column}`)
  return `
    insert into ${table} (${columns.join()}) overriding system value
      select ${made.join()}
      from copied join ${table} original on ${original},
        jsonb_populate_record(null::${table},
          to_jsonb(original) || jsonb_build_object(${changes.join(', ')})) made`
}

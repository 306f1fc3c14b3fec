import { sql, type Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { RowProblem } from './store-rows.ts'

/** Those that are told: an operator who sees so many mends the file's source and not its rows. */
const CONFLICTS_MAX = 1000

interface Subject {
  readonly column: 'server' | 'application' | 'wave'
  readonly word: string
  /** The headers of its columns, as a regular expression. */
  readonly headers: string
  /** What it is in. */
  readonly container: 'application' | 'wave' | undefined
}

const SUBJECTS: readonly Subject[] = [
  {
    column: 'server',
    word: 'source server',
    headers: '^mgn:(server|launch|replication):',
    container: 'application',
  },
  { column: 'application', word: 'application', headers: '^mgn:app:', container: 'wave' },
  { column: 'wave', word: 'wave', headers: '^mgn:wave:', container: undefined },
]

/** Rows that say other things of a server, application or wave than a row before them. */
export async function findConflictingRows(
  db: Kysely<Schema>,
  importID: string,
): Promise<RowProblem[]> {
  const problems: RowProblem[] = []
  for (const subject of SUBJECTS) problems.push(...(await conflictsOf(db, importID, subject)))
  return problems
}

async function conflictsOf(
  db: Kysely<Schema>,
  importID: string,
  { column, word, headers, container }: Subject,
): Promise<RowProblem[]> {
  const about = sql.ref(`import_rows.${column}`)
  const within = container === undefined ? sql`null` : sql.ref(`import_rows.${container}`)
  const { rows } = await sql<{
    about: string
    header: string
    row_number: number
    first_row: number
  }>`
    select * from (
      select ${about} as about, cell.key as header, cell.value as text, row_number,
        first_value(cell.value) over cells as first_text,
        first_value(row_number) over cells as first_row
      from import_rows, jsonb_each_text(
        cells || jsonb_strip_nulls(jsonb_build_object('container', ${within}::text))) as cell
      where import_id = ${importID} and ${about} is not null
        and (cell.key = 'container' or cell.key ~ ${headers})
      window cells as (partition by ${about}, cell.key order by row_number)) as compared
    where text <> first_text
    order by row_number
    limit ${CONFLICTS_MAX}`.execute(db)
  return rows.map((row) => ({
    rowNumber: row.row_number,
    problem:
      row.header === 'container'
        ? `The ${word} ${row.about} is in another ${container} in row ${row.first_row}`
        : `${row.header} of the ${word} ${row.about} differs from that in row ${row.first_row}`,
  }))
}

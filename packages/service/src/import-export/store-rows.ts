import type { Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { GroupKind } from '../inventory/tables.ts'
import type { SourceServerRow } from '../source-servers/tables.ts'
import { checkServer } from './apply-server.ts'
import type { Cells, GroupContent, RowContent, ServerContent } from './row-content.ts'

/** A row in which nothing is wrong by itself. */
export interface CheckedRow {
  readonly rowNumber: number
  readonly cells: Cells
  readonly content: RowContent
}

export interface RowProblem {
  readonly rowNumber: number
  readonly problem: string
}

type KnownServer = Pick<
  SourceServerRow,
  'source_server_id' | 'user_provided_id' | 'state' | 'is_archived' | 'tags'
>

/** What rows can be about, as found by ID and by name. */
interface Known {
  server(content: ServerContent): KnownServer | undefined
  group(kind: GroupKind, content: GroupContent): { readonly group_id: string } | undefined
}

/** Keeps rows to be carried out; those that cannot be are told instead. */
export async function storeRows(
  trx: Transaction<Schema>,
  importID: string,
  rows: readonly CheckedRow[],
): Promise<RowProblem[]> {
  if (rows.length === 0) return []
  const known = await findKnown(
    trx,
    rows.map((row) => row.content),
  )
  await trx
    .insertInto('import_rows')
    .values(
      rows.map(({ rowNumber, cells, content: { server, application, wave } }) => ({
        import_id: importID,
        row_number: rowNumber,
        cells: JSON.stringify(cells),
        server:
          server &&
          subject(known.server(server)?.source_server_id ?? server.id, server.userProvidedID),
        application:
          application &&
          subject(
            known.group('application', application)?.group_id ?? application.id,
            application.name,
          ),
        wave: wave && subject(known.group('wave', wave)?.group_id ?? wave.id, wave.name),
      })),
    )
    .execute()
  return rows.flatMap(({ rowNumber, content }) =>
    problemsWith(content, known).map((problem) => ({ rowNumber, problem })),
  )
}

/** What two rows have in common that are about one thing: its ID, else its name. */
function subject(id: string | undefined, name: string | undefined): string {
  return id ?? `named ${name}`
}

function problemsWith({ server, application, wave }: RowContent, known: Known): string[] {
  const problems: (string | undefined)[] = []
  if (wave?.id !== undefined && known.group('wave', wave) === undefined) {
    problems.push(`There is no wave ${wave.id}`)
  }
  if (application?.id !== undefined && known.group('application', application) === undefined) {
    problems.push(`There is no application ${application.id}`)
  }
  if (server !== undefined) {
    const found = known.server(server)
    problems.push(
      server.id !== undefined && found === undefined
        ? `There is no source server ${server.id}`
        : checkServer(server, found),
    )
  }
  return problems.filter((problem) => problem !== undefined)
}

async function findKnown(
  trx: Transaction<Schema>,
  contents: readonly RowContent[],
): Promise<Known> {
  const servers = await findServers(
    trx,
    contents.flatMap(({ server }) => server ?? []),
  )
  const groups = await findGroups(
    trx,
    contents.flatMap(({ wave = [], application = [] }) => [wave, application].flat()),
  )
  return {
    server: ({ id, userProvidedID = '' }) =>
      id === undefined ? servers.byName.get(userProvidedID) : servers.byID.get(id),
    group: (kind, { id, name = '' }) =>
      id === undefined ? groups.get(`${kind} named ${name}`) : groups.get(`${kind} ${id}`),
  }
}

async function findServers(trx: Transaction<Schema>, contents: readonly ServerContent[]) {
  const ids = contents.flatMap(({ id }) => id ?? [])
  const names = contents.flatMap(({ userProvidedID }) => userProvidedID ?? [])
  const rows = await trx
    .selectFrom('source_servers')
    .select(['source_server_id', 'user_provided_id', 'state', 'is_archived', 'tags'])
    .where((where) =>
      where.or([
        ...(ids.length > 0 ? [where('source_server_id', 'in', ids)] : []),
        ...(names.length > 0 ? [where('user_provided_id', 'in', names)] : []),
      ]),
    )
    .orderBy('seq', 'desc')
    .execute()
  const named = rows.filter((row) => !row.is_archived)
  return {
    byID: new Map(rows.map((row) => [row.source_server_id, row])),
    byName: new Map(named.map((row) => [row.user_provided_id, row])),
  }
}

async function findGroups(trx: Transaction<Schema>, contents: readonly GroupContent[]) {
  const ids = contents.flatMap(({ id }) => id ?? [])
  const names = contents.flatMap(({ name }) => name ?? [])
  const rows = await trx
    .selectFrom('groups')
    .select(['group_id', 'kind', 'name'])
    .where((where) =>
      where.or([
        ...(ids.length > 0 ? [where('group_id', 'in', ids)] : []),
        ...(names.length > 0 ? [where('name', 'in', names)] : []),
      ]),
    )
    .execute()
  return new Map(
    rows.flatMap((row) => [
      [`${row.kind} ${row.group_id}`, row] as const,
      [`${row.kind} named ${row.name}`, row] as const,
    ]),
  )
}

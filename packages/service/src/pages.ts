import { LandfallError } from '@landfall/model'
import { sql, type SelectQueryBuilder } from 'kysely'
import type { Schema } from './database/schema.ts'

/** Items in one answer when the caller names no number; also the model's greatest. */
const ITEMS_MAX = 1000

export interface PageRequest {
  readonly maxResults?: number | undefined
  readonly nextToken?: string | undefined
}

export interface Page<Item> {
  readonly items: readonly Item[]
  readonly nextToken?: string
}

/** Where a page begins and how long it is; a `validation` error for a token that is not ours. */
export function pageStart(request: PageRequest): { after: number | undefined; limit: number } {
  return { after: decodeToken(request.nextToken), limit: request.maxResults ?? ITEMS_MAX }
}

/**
 * Makes a page of rows read in the order of `seq` with `limit + 1`: the extra row only says that
 * there is more.
 */
export function toPage<Row extends { seq: number }, Item>(
  rows: readonly Row[],
  limit: number,
  view: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const items = shown.map((row) => view(row))
  return rows.length > limit && last ? { items, nextToken: encodeToken(last.seq) } : { items }
}

/** The page of what `query` selects, in the order of `seq`, that is asked for. */
export async function readPage<Table extends keyof Schema, Row extends { seq: number }>(
  query: SelectQueryBuilder<Schema, Table, Row>,
  request: PageRequest,
): Promise<Page<Row>> {
  const { after, limit } = pageStart(request)
  const seq = sql<number>`seq`
  const rows = await (after === undefined ? query : query.where(seq, '>', after))
    .orderBy(seq)
    .limit(limit + 1)
    .execute()
  return toPage(rows, limit, (row) => row)
}

function encodeToken(seq: number): string {
  return Buffer.from(JSON.stringify({ after: seq })).toString('base64url')
}

function decodeToken(token: string | undefined): number | undefined {
  if (token === undefined || token === '') return undefined
  try {
    const value: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'))
    if (typeof value === 'object' && value !== null && 'after' in value) {
      if (Number.isSafeInteger(value.after)) return value.after as number
    }
  } catch {
    // Falls through to the one error below.
  }
  throw new LandfallError('validation', 'nextToken is not one this service gave out', {
    fields: [{ name: 'nextToken', message: 'is not a token of this service' }],
  })
}

import { LandfallError } from '@landfall/model'
import { sql, type SelectQueryBuilder } from 'kysely'
import { inBatches } from './database/batches.ts'
import type { Schema } from './database/schema.ts'

/** Items in one answer when the caller names no number; also the model's greatest. */
export const ITEMS_MAX = 1000

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
  const { nextToken, maxResults: limit = ITEMS_MAX } = request
  if (nextToken === undefined || nextToken === '') return { after: undefined, limit }
  const after = decodeToken(nextToken)
  if (!isNumber(after)) throw new TokenError('nextToken')
  return { after, limit }
}

/** The greatest number that a table here gives its rows: that of PostgreSQL's `integer`. */
export const NUMBER_MAX = 2 ** 31 - 1

/** What no table compares its numbers with would fail in the database. */
function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && Math.abs(value as number) <= NUMBER_MAX
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
  { newestFirst }: { readonly newestFirst: boolean } = { newestFirst: false },
): Promise<Page<Row>> {
  const { after, limit } = pageStart(request)
  const seq = sql<number>`seq`
  const rows = await (
    after === undefined ? query : query.where(seq, newestFirst ? '<' : '>', after)
  )
    .orderBy(seq, newestFirst ? 'desc' : 'asc')
    .limit(limit + 1)
    .execute()
  return toPage(rows, limit, (row) => row)
}

/** What `query` selects after the `seq` of `from`, in its order, a batch in memory at a time. */
export async function* walk<Table extends keyof Schema, Row extends { seq: number }>(
  query: SelectQueryBuilder<Schema, Table, Row>,
  from: number,
): AsyncGenerator<Row> {
  const seq = sql<number>`seq`
  const read = (after: number, limit: number) =>
    query.where(seq, '>', after).orderBy(seq).limit(limit).execute()
  for await (const rows of inBatches<Row>(read, from)) yield* rows
}

/**
 * Cuts a page out of items in the order of their keys, which stay while other items come and go;
 * `next` is the token of the page after it.
 */
export function cutByKey<Item>(
  items: readonly Item[],
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
  keyOf: (item: Item) => string,
): { readonly shown: readonly Item[]; readonly next: string | undefined } {
  const left = items
    .filter((item) => after === undefined || keyOf(item) > after)
    .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  const shown = left.slice(0, limit)
  const last = shown.at(-1)
  const isLast = left.length === shown.length || last === undefined
  return { shown, next: isLast ? undefined : encodeToken(keyOf(last)) }
}

/** The key in a token; undefined without one. Throws `TokenError` that names the member. */
export function keyInToken(token: string | undefined, member: string): string | undefined {
  if (token === undefined || token === '') return undefined
  const key = decodeToken(token)
  if (typeof key !== 'string') throw new TokenError(member)
  return key
}

/** Numbers as texts in the order of the numbers. */
export function sortableText(number: number): string {
  return String(number).padStart(16, '0')
}

/** A token that this service did not give out; some services have a name of their own for it. */
export class TokenError extends LandfallError {
  constructor(member: string) {
    super('validation', `${member} is not one this service gave out`, {
      fields: [{ name: member, message: 'is not a token of this service' }],
    })
    this.name = 'TokenError'
  }
}

/** Lists that are never longer than a page give out no tokens: whoever has one is wrong. */
export function refuseToken({ nextToken }: PageRequest): void {
  if (nextToken !== undefined && nextToken !== '') throw new TokenError('nextToken')
}

/** The token that leads to what comes after the item with this number or key. */
function encodeToken(after: number | string): string {
  return Buffer.from(JSON.stringify({ after })).toString('base64url')
}

/** What `encodeToken` was given; undefined for what it did not make. */
function decodeToken(token: string): unknown {
  try {
    const value: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null && 'after' in value ? value.after : undefined
  } catch {
    return undefined
  }
}

import { LandfallError } from '@landfall/model'
import type { SelectQueryBuilder } from 'kysely'
import type { Schema } from './database/schema.ts'
import { cutByKey, ITEMS_MAX, keyInToken, pageStart, readPage, toPage } from './pages.ts'

export interface NumberedPageRequest {
  readonly MaxResults?: number
  readonly NextToken?: string
}

/** Cuts a page out of items in the order of their numbers. */
export function numberedPage<Item>(
  items: readonly Item[],
  { MaxResults, NextToken }: NumberedPageRequest,
  numberOf: (item: Item) => number,
): { items: readonly Item[]; nextToken: { readonly NextToken?: string } } {
  checkSize(MaxResults)
  const { after, limit } = pageStart({ maxResults: MaxResults, nextToken: NextToken })
  const left = items
    .map((item) => ({ seq: numberOf(item), item }))
    .filter(({ seq }) => after === undefined || seq > after)
  const page = toPage(left.slice(0, limit + 1), limit, ({ item }) => item)
  const { nextToken } = page
  return { items: page.items, nextToken: nextToken === undefined ? {} : { NextToken: nextToken } }
}

/**
 * The page of those rows that match, in the order of `seq`. Reads no more rows than it has to look
 * at, so that walking all pages reads each row once.
 */
export async function matchingPage<Table extends keyof Schema, Row extends { seq: number }>(
  query: SelectQueryBuilder<Schema, Table, Row>,
  { MaxResults, NextToken }: NumberedPageRequest,
  matches: (row: Row) => boolean,
): Promise<{ items: readonly Row[]; nextToken: { readonly NextToken?: string } }> {
  checkSize(MaxResults)
  const { limit } = pageStart({ maxResults: MaxResults, nextToken: NextToken })
  const matching: Row[] = []
  let token = NextToken
  do {
    const page = await readPage(query, { nextToken: token })
    matching.push(...page.items.filter(matches))
    token = page.nextToken
  } while (token !== undefined && matching.length <= limit)
  const { items, nextToken } = toPage(matching, limit, (row) => row)
  return { items, nextToken: nextToken === undefined ? {} : { NextToken: nextToken } }
}

/** The same of items that have no numbers: in the order of keys. */
export function keyedPage<Item>(
  items: readonly Item[],
  { MaxResults, NextToken }: NumberedPageRequest,
  keyOf: (item: Item) => string,
): { items: readonly Item[]; nextToken: { readonly NextToken?: string } } {
  checkSize(MaxResults)
  const after = keyInToken(NextToken, 'nextToken')
  const { shown, next } = cutByKey(items, { after, limit: MaxResults ?? ITEMS_MAX }, keyOf)
  return { items: shown, nextToken: next === undefined ? {} : { NextToken: next } }
}

/** The same of items that come in the order of their keys: no more of them are read than needed. */
export async function walkedPage<Item>(
  items: (after: string | undefined) => AsyncIterable<Item>,
  request: NumberedPageRequest,
  keyOf: (item: Item) => string,
): Promise<{ items: readonly Item[]; nextToken: { readonly NextToken?: string } }> {
  const { MaxResults: limit = ITEMS_MAX, NextToken } = request
  checkSize(request.MaxResults)
  const after = keyInToken(NextToken, 'nextToken')
  const read: Item[] = []
  for await (const item of items(after)) {
    if (after !== undefined && keyOf(item) <= after) continue
    read.push(item)
    if (read.length > limit) break
  }
  return keyedPage(read, request, keyOf)
}

/** EC2's model leaves the size of most pages open. */
function checkSize(size: number | undefined): void {
  if (size === undefined || (size >= 1 && size <= ITEMS_MAX)) return
  const message = `must be between 1 and ${ITEMS_MAX}`
  throw new LandfallError('validation', `MaxResults ${message}, and is ${size}.`, {
    fields: [{ name: 'MaxResults', message }],
  })
}

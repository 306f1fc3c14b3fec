import { pageStart, toPage } from './pages.ts'

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
  const { after, limit } = pageStart({ maxResults: MaxResults, nextToken: NextToken })
  const left = items
    .map((item) => ({ seq: numberOf(item), item }))
    .filter(({ seq }) => after === undefined || seq > after)
  const page = toPage(left.slice(0, limit + 1), limit, ({ item }) => item)
  const { nextToken } = page
  return { items: page.items, nextToken: nextToken === undefined ? {} : { NextToken: nextToken } }
}

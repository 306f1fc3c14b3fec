import { LandfallError } from '@landfall/model'
import { ITEMS_MAX, pageStart, toPage } from './pages.ts'

export interface NumberedPageRequest {
  readonly MaxResults?: number
  readonly NextToken?: string
}

/**
 * Cuts a page out of items in the order of their numbers. EC2's model leaves the size of most pages
 * open, so that it is checked here.
 */
export function numberedPage<Item>(
  items: readonly Item[],
  { MaxResults, NextToken }: NumberedPageRequest,
  numberOf: (item: Item) => number,
): { items: readonly Item[]; nextToken: { readonly NextToken?: string } } {
  if (MaxResults !== undefined && (MaxResults < 1 || MaxResults > ITEMS_MAX)) {
    const message = `must be between 1 and ${ITEMS_MAX}`
    throw new LandfallError('validation', `MaxResults ${message}, and is ${MaxResults}.`, {
      fields: [{ name: 'MaxResults', message }],
    })
  }
  const { after, limit } = pageStart({ maxResults: MaxResults, nextToken: NextToken })
  const left = items
    .map((item) => ({ seq: numberOf(item), item }))
    .filter(({ seq }) => after === undefined || seq > after)
  const page = toPage(left.slice(0, limit + 1), limit, ({ item }) => item)
  const { nextToken } = page
  return { items: page.items, nextToken: nextToken === undefined ? {} : { NextToken: nextToken } }
}

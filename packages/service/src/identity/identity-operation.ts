import type { Database } from '../database/database.ts'
import type { Caller } from '../http/operation.ts'
import { decodeToken, encodeToken, TokenError } from '../pages.ts'
import type { SecretBox } from './secret-box.ts'

export interface IdentityContext {
  readonly db: Database
  readonly secretBox: SecretBox
  readonly accountID: string
  readonly caller: Caller
  readonly callerArn: string
  readonly callerID: string
  readonly now: Date
}

/** An operation of IAM or STS; input and output have the members of the model. */
export type IdentityOperation = (input: never, context: IdentityContext) => Promise<object>

export type IdentityOperations = Readonly<Record<string, IdentityOperation>>

/** IAM's page size when the caller names none. */
const ITEMS_PER_PAGE = 100

export interface MarkerRequest {
  readonly Marker?: string
  readonly MaxItems?: number
}

/** Where a page begins and how long it is. Throws `TokenError` for a marker that is not ours. */
function markedPage({ Marker, MaxItems: limit = ITEMS_PER_PAGE }: MarkerRequest): {
  readonly after?: string
  readonly limit: number
} {
  if (Marker === undefined) return { limit }
  const after = decodeToken(Marker)
  if (typeof after !== 'string') throw new TokenError('Marker')
  return { after, limit }
}

/**
 * Cuts a page out of items, which it puts into the order of their keys: those after the marker,
 * which stands for the last one of the page before.
 */
export function cutPage<Item>(
  items: readonly Item[],
  request: MarkerRequest,
  keyOf: (item: Item) => string,
): { shown: readonly Item[]; rest: { IsTruncated: boolean; Marker?: string } } {
  const { after, limit } = markedPage(request)
  const left = items
    .filter((item) => after === undefined || keyOf(item) > after)
    .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  const shown = left.slice(0, limit)
  const last = shown.at(-1)
  const isTruncated = left.length > shown.length && last !== undefined
  const rest = isTruncated ? { Marker: encodeToken(keyOf(last)) } : {}
  return { shown, rest: { IsTruncated: isTruncated, ...rest } }
}

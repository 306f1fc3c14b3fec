import type { Database } from '../database/database.ts'
import type { Caller } from '../http/operation.ts'
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

/** Where a page begins and how long it is. */
export function markedPage({ Marker, MaxItems = ITEMS_PER_PAGE }: MarkerRequest) {
  return { ...(Marker !== undefined && { after: Marker }), limit: MaxItems }
}

/**
 * Cuts a page out of items in the order of their keys: those after the marker, which is the key of
 * the last one of the page before.
 */
export function cutPage<Item>(
  items: readonly Item[],
  request: MarkerRequest,
  keyOf: (item: Item) => string,
): { shown: readonly Item[]; rest: { IsTruncated: boolean; Marker?: string } } {
  const { after, limit } = markedPage(request)
  const left = after === undefined ? items : items.filter((item) => keyOf(item) > after)
  const shown = left.slice(0, limit)
  const last = shown.at(-1)
  const isTruncated = left.length > shown.length && last !== undefined
  return { shown, rest: { IsTruncated: isTruncated, ...(isTruncated && { Marker: keyOf(last) }) } }
}

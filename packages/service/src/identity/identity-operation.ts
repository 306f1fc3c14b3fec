import type { Database } from '../database/database.ts'
import type { Caller } from '../http/operation.ts'
import { cutByKey, keyInToken } from '../pages.ts'
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

/** Cuts a page out of items in the order of their keys, as IAM tells of one. */
export function cutPage<Item>(
  items: readonly Item[],
  { Marker, MaxItems: limit = ITEMS_PER_PAGE }: MarkerRequest,
  keyOf: (item: Item) => string,
): { shown: readonly Item[]; rest: { IsTruncated: boolean; Marker?: string } } {
  const { shown, next } = cutByKey(items, { after: keyInToken(Marker, 'Marker'), limit }, keyOf)
  const isTruncated = next !== undefined
  return { shown, rest: { IsTruncated: isTruncated, ...(isTruncated && { Marker: next }) } }
}

import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query'
import { type Action, type ApiError, call } from './call.ts'
import { POLL_MS, polling } from './polling.ts'

/** A list that is longer is asked for more rarely: it keeps the service busy for a while. */
const SHORT_ITEMS_MAX = 100
const LONG_POLL_MS = 15_000

export interface ListOptions {
  /** The member of the answer that has the items. */
  readonly member?: string
  readonly enabled?: boolean
  /** False: asked for once, when the page is opened; true unless said. */
  readonly isPolled?: boolean
}

/** Every item of a list that the service gives in pages. */
async function callForAll<Item>(
  action: Action,
  input: object,
  { member = 'items', signal }: { readonly member?: string; readonly signal?: AbortSignal } = {},
): Promise<readonly Item[]> {
  const tokenName = action.startsWith('iam:') ? 'Marker' : 'nextToken'
  const items: Item[] = []
  let token: string | undefined
  do {
    const page = await call<Record<string, unknown>>(
      action,
      { ...input, ...(token !== undefined && { [tokenName]: token }) },
      signal,
    )
    items.push(...((page[member] ?? []) as Item[]))
    token = page[tokenName] as string | undefined
  } while (token !== undefined)
  return items
}

/** The same, as it is now. */
export function useWholeList<Item>(
  action: Action,
  input: object = {},
  { member, enabled = true, isPolled = true }: ListOptions = {},
): UseQueryResult<readonly Item[], ApiError> {
  return useQuery<readonly Item[], ApiError>({
    queryKey: [action, 'all', input],
    queryFn: ({ signal }) =>
      callForAll<Item>(action, input, { signal, ...(member !== undefined && { member }) }),
    enabled,
    placeholderData: keepPreviousData,
    ...polling(POLL_MS),
    refetchInterval: ({ state: { data } }) => {
      if (!isPolled && data !== undefined) return false
      return data !== undefined && data.length > SHORT_ITEMS_MAX ? LONG_POLL_MS : POLL_MS
    },
  })
}

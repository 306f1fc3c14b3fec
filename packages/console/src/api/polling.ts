import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query'
import { type Action, type ApiError, call } from './call.ts'

/** Two people who look at one thing see the same within three seconds. */
export const POLL_MS = 2000

/** What has failed is asked for more rarely, also where nothing else is asked for again. */
const FAILED_POLL_MS = 5000

/** How a query is asked for again and again, `pollMs` after each answer; false: not again. */
export function polling(pollMs: number | false = POLL_MS) {
  return {
    refetchInterval: ({ state }: { readonly state: { readonly status: string } }) =>
      state.status === 'error' ? FAILED_POLL_MS : pollMs,
    // The interval asks again: meanwhile the page says what is wrong.
    retry: false,
  } as const
}

/** An operation's answer, as it is now: asked for again while the page is looked at. */
export function usePolled<Output>(
  action: Action,
  input: object = {},
  options: { readonly pollMs?: number | false; readonly enabled?: boolean } = {},
): UseQueryResult<Output, ApiError> {
  return useQuery<Output, ApiError>({
    queryKey: [action, input],
    queryFn: ({ signal }) => call<Output>(action, input, signal),
    ...polling(options.pollMs),
    enabled: options.enabled ?? true,
    placeholderData: keepPreviousData,
  })
}

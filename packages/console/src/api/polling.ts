import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query'
import { type Action, ApiError, call } from './call.ts'

/** Two people who look at one thing see the same within three seconds. */
const POLL_MS = 2000

/** What has failed is asked for more rarely, also where nothing else is asked for again. */
const FAILED_POLL_MS = 5000

/** An operation's answer, as it is now: asked for again while the page is looked at. */
export function usePolled<Output>(
  action: Action,
  input: object = {},
  options: { readonly pollMs?: number | false; readonly enabled?: boolean } = {},
): UseQueryResult<Output, ApiError> {
  return useQuery<Output, ApiError>({
    queryKey: [action, input],
    queryFn: ({ signal }) => call<Output>(action, input, signal),
    refetchInterval: ({ state }) =>
      state.status === 'error' ? FAILED_POLL_MS : (options.pollMs ?? POLL_MS),
    enabled: options.enabled ?? true,
    placeholderData: keepPreviousData,
    // The interval asks again: meanwhile the page says what is wrong.
    retry: false,
  })
}

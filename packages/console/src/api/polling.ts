import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query'
import { type Action, type ApiError, call } from './call.ts'

/** Two people who look at one thing see the same within three seconds. */
export const POLL_MS = 2000

/** What does not answer is asked again more and more rarely, and at least so often. */
const RETRY_MS_MAX = 15_000

export const RETRYING = {
  // What is refused stays refused; what did not answer may.
  retry: (_: number, error: ApiError) => error.status === 0 || error.status >= 500,
  retryDelay: (attempt: number) => Math.min(1000 * 2 ** attempt, RETRY_MS_MAX),
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
    refetchInterval: options.pollMs ?? POLL_MS,
    enabled: options.enabled ?? true,
    placeholderData: keepPreviousData,
    ...RETRYING,
  })
}

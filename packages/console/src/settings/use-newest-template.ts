import type { UseQueryResult } from '@tanstack/react-query'
import type { Action, ApiError } from '../api/call.ts'
import { usePolled } from '../api/polling.ts'

/** What the service shows of templates at once; there is one, unless somebody made more. */
const TEMPLATES_MAX = 1000

/** The template that new servers take their settings from: the newest. Null: there is none. */
export function useNewestTemplate<Template>(
  action: Action,
): UseQueryResult<Template | null, ApiError> {
  const query = usePolled<{ readonly items: readonly Template[] }>(action, {
    maxResults: TEMPLATES_MAX,
  })
  const data = query.data === undefined ? undefined : (query.data.items.at(-1) ?? null)
  return { ...query, data } as UseQueryResult<Template | null, ApiError>
}

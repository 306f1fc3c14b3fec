import { useCallback } from 'react'
import { useSearchParams } from 'react-router'
import type { RowsShown } from './cut-rows.ts'

/** What is empty is left out of the address. To `push` is for what the browser goes back from. */
export type ChangeParameters = (
  change: Readonly<Record<string, string | undefined>>,
  how?: 'replace' | 'push',
) => void

/** The page's parameters in its address, and a way to change some. */
export function useParameters(): readonly [URLSearchParams, ChangeParameters] {
  const [params, setParams] = useSearchParams()
  const change: ChangeParameters = useCallback(
    (changed, how = 'replace') =>
      setParams(
        (before) => {
          const after = new URLSearchParams(before)
          for (const [name, value] of Object.entries(changed)) {
            if (value) after.set(name, value)
            else after.delete(name)
          }
          return after
        },
        { replace: how === 'replace' },
      ),
    [setParams],
  )
  return [params, change]
}

export function rowsShown(params: URLSearchParams): RowsShown {
  const page = Math.floor(Number(params.get('page')) || 1)
  return { text: params.get('text') ?? '', page: Math.max(1, page) }
}

import { useCallback, useMemo } from 'react'
import { useSearchParams } from 'react-router'

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

/** One of them; undefined where it is not there, and to take it out. */
export function useUrlParam(
  name: string,
): readonly [string | undefined, (value: string | undefined) => void] {
  const [params, change] = useParameters()
  const set = useCallback((value: string | undefined) => change({ [name]: value }), [name, change])
  return [params.get(name) ?? undefined, set]
}

/** How the address says a search. */
export interface SearchWords<Search> {
  readonly read: (params: URLSearchParams) => Search
  readonly write: (search: Search) => URLSearchParams
  /** The first page, which is shown whatever else of a search changes. */
  readonly firstPage: Partial<Search>
}

/** The search that the address says, and a way to change some of it. `words` stay the same. */
export function useUrlSearch<Search>(
  words: SearchWords<Search>,
): readonly [Search, (change: Partial<Search>) => void] {
  const { read, write, firstPage } = words
  const [params, setParams] = useSearchParams()
  const search = useMemo(() => read(params), [read, params])
  const change = useCallback(
    (changed: Partial<Search>) =>
      setParams((before) => write({ ...read(before), ...firstPage, ...changed }), {
        replace: true,
      }),
    [read, write, firstPage, setParams],
  )
  return [search, change]
}

import { useCallback } from 'react'
import { useSearchParams } from 'react-router'

/** One word of the address's search, and a way to change it or, by undefined, to take it out. */
export function useUrlParam(
  name: string,
): readonly [string | undefined, (value: string | undefined) => void] {
  const [params, setParams] = useSearchParams()
  const change = useCallback(
    (value: string | undefined) => {
      setParams(
        (before) => {
          const after = new URLSearchParams(before)
          if (value === undefined) after.delete(name)
          else after.set(name, value)
          return after
        },
        { replace: true },
      )
    },
    [name, setParams],
  )
  return [params.get(name) ?? undefined, change]
}

import { useCallback, useState } from 'react'
import { COLUMNS } from './columns.tsx'

export interface Preferences {
  readonly pageSize: number
  /** IDs of the columns that are shown. */
  readonly columns: readonly string[]
}

/** Kept in the browser, for this user of it. */
const KEPT_AS = 'landfall.source-servers'

/** The service gives no more at once. */
export const PAGE_SIZES = [20, 50, 100]

export const USUAL: Preferences = {
  pageSize: 50,
  columns: COLUMNS.filter(({ isUsual }) => isUsual).map(({ id }) => id),
}

export function useTablePreferences(): readonly [Preferences, (changed: Preferences) => void] {
  const [preferences, setPreferences] = useState(readKept)
  const keep = useCallback((changed: Preferences) => {
    setPreferences(changed)
    localStorage.setItem(KEPT_AS, JSON.stringify(changed))
  }, [])
  return [preferences, keep]
}

/** Whatever another version kept there: what is not understood is as usual. */
function readKept(): Preferences {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT_AS) ?? '{}') as Partial<Preferences>
    const columns = kept.columns?.filter((id) => COLUMNS.some((column) => column.id === id)) ?? []
    const pageSize = PAGE_SIZES.find((size) => size === kept.pageSize) ?? USUAL.pageSize
    return { pageSize, columns: columns.length > 0 ? columns : USUAL.columns }
  } catch {
    return USUAL
  }
}

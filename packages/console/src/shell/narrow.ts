import { useSyncExternalStore } from 'react'

/** Cloudscape's breakpoint `xs`: below it is a phone. */
const NARROW = window.matchMedia('(max-width: 688px)')

/** Whether what stands side by side has no room for it, also when that changes. */
export function useNarrow(): boolean {
  return useSyncExternalStore(
    (changed) => {
      NARROW.addEventListener('change', changed)
      return () => NARROW.removeEventListener('change', changed)
    },
    () => NARROW.matches,
  )
}

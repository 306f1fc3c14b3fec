import { applyMode, Mode } from '@cloudscape-design/global-styles'
import { useEffect } from 'react'

/** Light or dark as the browser asks for, also when that changes. */
export function useTheme(): void {
  useEffect(() => {
    const dark = window.matchMedia('(prefers-color-scheme: dark)')
    const apply = () => applyMode(dark.matches ? Mode.Dark : Mode.Light)
    apply()
    dark.addEventListener('change', apply)
    return () => dark.removeEventListener('change', apply)
  }, [])
}

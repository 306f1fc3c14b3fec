import Link from '@cloudscape-design/components/link'
import type { ReactNode } from 'react'
import { useHref, useNavigate } from 'react-router'

interface PageLinkProps {
  /** A path of the console. */
  readonly to: string
  readonly children: ReactNode
}

/** A link to another page of the console, which is not loaded anew for it. */
export function PageLink({ to, children }: PageLinkProps) {
  const navigate = useNavigate()
  const href = useHref(to)
  return (
    <Link
      href={href}
      onFollow={(event) => {
        event.preventDefault()
        void navigate(to)
      }}
    >
      {children}
    </Link>
  )
}

import Link from '@cloudscape-design/components/link'
import { useHref, useNavigate } from 'react-router'

interface PageLinkProps {
  /** Of a page of the console: `/source-servers/s-…`. */
  readonly to: string
  readonly children: string
}

/** Leads to another page of the console, which is not loaded anew for it. */
export function PageLink({ to, children }: PageLinkProps) {
  const navigate = useNavigate()
  return (
    <Link
      href={useHref(to)}
      onFollow={(event) => {
        event.preventDefault()
        void navigate(to)
      }}
    >
      {children}
    </Link>
  )
}

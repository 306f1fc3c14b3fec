import BreadcrumbGroup from '@cloudscape-design/components/breadcrumb-group'
import { useHref, useNavigate } from 'react-router'

interface BreadcrumbsProps {
  /** The page of the list that the page is from; its path is one of the console. */
  readonly list: { readonly text: string; readonly path: string }
  readonly page: string
}

/** The way from a list to one thing of it. */
export function Breadcrumbs({ list, page }: BreadcrumbsProps) {
  const navigate = useNavigate()
  const href = useHref(list.path)
  return (
    <BreadcrumbGroup
      items={[
        { text: list.text, href },
        { text: page, href: '#' },
      ]}
      onFollow={(event) => {
        event.preventDefault()
        if (event.detail.href === href) void navigate(list.path)
      }}
    />
  )
}

import Pagination from '@cloudscape-design/components/pagination'

interface PagesProps {
  /** From 1. */
  readonly page: number
  readonly pages: number
  /** There are more than are known. */
  readonly isOpen?: boolean
  readonly onChange: (page: number) => void
}

/** Turns the pages of a list. */
export function Pages({ page, pages, isOpen = false, onChange }: PagesProps) {
  return (
    <Pagination
      currentPageIndex={page}
      pagesCount={pages}
      openEnd={isOpen}
      onChange={({ detail }) => onChange(detail.currentPageIndex)}
      ariaLabels={{ nextPageLabel: 'Next page', previousPageLabel: 'Previous page' }}
    />
  )
}

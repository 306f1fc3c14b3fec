import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table, { type TableProps } from '@cloudscape-design/components/table'
import TextFilter from '@cloudscape-design/components/text-filter'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { ApiError } from '../api/call.ts'
import { useParameters } from '../shell/url-parameters.ts'
import { cutRows, rowsShown } from './cut-rows.ts'
import { Pages } from './pages.tsx'

interface ListTableProps<Row> {
  readonly title: string
  readonly list: Pick<UseQueryResult<readonly Row[], ApiError>, 'data' | 'error' | 'isPending'>
  readonly columns: readonly TableProps.ColumnDefinition<Row>[]
  readonly idOf: (row: Row) => string
  /** What is looked through for the text that is searched for. */
  readonly textOf: (row: Row) => string
  /** What an empty list says: the next step. */
  readonly empty: ReactNode
  readonly actions?: ReactNode
  /** Between title and search. */
  readonly above?: ReactNode
}

/** A page that is one list, which is searched and cut into pages here; both are in its address. */
export function ListTable<Row>(props: ListTableProps<Row>) {
  const { title, list, columns, idOf, textOf, empty, actions, above } = props
  const [params, change] = useParameters()
  const shown = rowsShown(params)
  const cut = cutRows(list.data ?? [], shown, textOf)
  return (
    <Table<Row>
      variant="full-page"
      stickyHeader
      trackBy={idOf}
      items={cut.rows}
      columnDefinitions={columns}
      loading={list.isPending}
      loadingText={`Loading ${title.toLowerCase()}`}
      ariaLabels={{ tableLabel: title }}
      header={
        <SpaceBetween size="s">
          {list.error && <Alert type="error">{list.error.message}</Alert>}
          <Header
            variant="awsui-h1-sticky"
            {...(list.data !== undefined && { counter: `(${cut.total})` })}
            actions={actions}
          >
            {title}
          </Header>
          {above}
        </SpaceBetween>
      }
      filter={
        <TextFilter
          filteringText={shown.text}
          filteringPlaceholder={`Find ${title.toLowerCase()}`}
          filteringAriaLabel={`Find ${title.toLowerCase()}`}
          onChange={({ detail }) => change({ text: detail.filteringText, page: undefined })}
        />
      }
      pagination={
        <Pages page={cut.page} pages={cut.pages} onChange={(to) => change({ page: String(to) })} />
      }
      empty={
        <Box textAlign="center" color="inherit" padding="l">
          {shown.text === '' ? empty : 'Nothing matches. Clear the search to see all.'}
        </Box>
      }
    />
  )
}

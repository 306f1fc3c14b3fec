import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table, { type TableProps } from '@cloudscape-design/components/table'
import type { ReactNode } from 'react'

interface SectionTableProps<Row> {
  readonly title: string
  /** Absent: not known yet. */
  readonly rows: readonly Row[] | undefined
  readonly columns: readonly TableProps.ColumnDefinition<Row>[]
  readonly idOf?: (row: Row) => string
  /** Why there are no rows, or not those of now: a refusal, or what was met. */
  readonly problem?: string | undefined
  /** What an empty list says: the next step. */
  readonly empty: ReactNode
  readonly actions?: ReactNode
  readonly above?: ReactNode
  /** In the place of the number of rows. */
  readonly counter?: string
  /** For rows that have sentences in them. */
  readonly wrapLines?: boolean
}

/** A list that is a part of a page. */
export function SectionTable<Row>(props: SectionTableProps<Row>) {
  const { title, rows, columns, idOf, problem, empty, actions, above, counter } = props
  const { wrapLines = false } = props
  return (
    <Table<Row>
      {...(idOf !== undefined && { trackBy: idOf })}
      wrapLines={wrapLines}
      items={rows ?? []}
      columnDefinitions={columns}
      loading={rows === undefined && problem === undefined}
      loadingText={`Loading ${title.toLowerCase()}`}
      ariaLabels={{ tableLabel: title }}
      header={
        <SpaceBetween size="s">
          {above}
          {problem !== undefined && <Alert type="info">{problem}</Alert>}
          <Header variant="h2" counter={counter ?? `(${rows?.length ?? 0})`} actions={actions}>
            {title}
          </Header>
        </SpaceBetween>
      }
      empty={
        <Box textAlign="center" color="inherit" padding="s">
          {rows === undefined && problem !== undefined ? 'Not known.' : empty}
        </Box>
      }
    />
  )
}

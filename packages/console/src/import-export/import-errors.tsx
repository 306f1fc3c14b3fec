import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import type { TableProps } from '@cloudscape-design/components/table'
import { usePolled } from '../api/polling.ts'
import { SectionTable } from '../lists/section-table.tsx'
import { usePermission } from '../session/session.ts'
import type { ImportError, ImportTask } from './tasks.ts'

/** Errors that are shown: a file with more of them is wrong as a whole. */
const SHOWN_MAX = 200

interface ErrorsPage {
  readonly items: readonly ImportError[]
  readonly nextToken?: string
}

const COLUMNS: readonly TableProps.ColumnDefinition<ImportError>[] = [
  {
    id: 'row',
    header: 'Row',
    isRowHeader: true,
    width: 100,
    cell: ({ errorData }) => errorData.rowNumber ?? '–',
  },
  { id: 'error', header: 'What is wrong', cell: ({ errorData }) => errorData.rawError },
]

interface ImportErrorsProps {
  readonly task: ImportTask
  readonly onDismiss: () => void
}

/** What came of one import, row by row where rows were wrong. */
export function ImportErrors({ task, onDismiss }: ImportErrorsProps) {
  const { importID, status, s3BucketSource } = task
  const refusal = usePermission()('mgn:ListImportErrors')
  const { data, error } = usePolled<ErrorsPage>(
    'mgn:ListImportErrors',
    { importID, maxResults: SHOWN_MAX },
    { enabled: refusal === undefined },
  )
  const isEnded = status === 'SUCCEEDED' || status === 'FAILED'
  return (
    <SectionTable<ImportError>
      title={`Errors of ${s3BucketSource.s3Key}`}
      rows={data?.items}
      columns={COLUMNS}
      wrapLines
      problem={refusal ?? error?.message}
      empty={isEnded ? 'None: every row was imported.' : 'The file is being read.'}
      {...(data?.nextToken !== undefined && { counter: `(the first ${SHOWN_MAX})` })}
      actions={<Button onClick={onDismiss}>Close</Button>}
      above={
        status === 'FAILED' && (
          <Alert type="error" header="The file was not imported">
            Rows are counted as in a spreadsheet: row 1 has the names of the columns. Correct what
            is listed and import the file again.
          </Alert>
        )
      }
    />
  )
}

import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { ApiError } from '../api/call.ts'
import { usePolled } from '../api/polling.ts'
import { SectionTable } from '../lists/section-table.tsx'
import { PermittedButton } from '../session/permitted-button.tsx'
import { Readable } from '../session/readable.tsx'
import { usePermission } from '../session/session.ts'
import { Moment } from '../time/moment.tsx'
import { BucketField } from './bucket-field.tsx'
import { TaskState } from './task-status.tsx'
import { BUCKET, downloadExport, type ExportTask, startExport, useExports } from './tasks.ts'

export function Exports() {
  return (
    <SpaceBetween size="l">
      <ExportForm />
      <Readable title="Exports" action="mgn:ListExports">
        <ExportHistory />
      </Readable>
    </SpaceBetween>
  )
}

function ExportForm() {
  const queries = useQueryClient()
  const [bucket, setBucket] = useState(BUCKET)
  const starting = useMutation<ExportTask, ApiError>({
    mutationFn: () => startExport(bucket),
    onSettled: () => queries.invalidateQueries(),
  })
  return (
    <Container header={<Header variant="h2">Export everything</Header>}>
      <SpaceBetween size="m">
        <Box>
          All that is not archived is written to a CSV file, which can be edited in a spreadsheet
          and imported again.
        </Box>
        <BucketField bucket={bucket} onChange={setBucket} />
        {starting.error && <Alert type="error">{starting.error.message}</Alert>}
        <PermittedButton
          variant="primary"
          actions={['mgn:StartExport']}
          loading={starting.isPending}
          onClick={() => starting.mutate()}
        >
          Export
        </PermittedButton>
      </SpaceBetween>
    </Container>
  )
}

function ExportHistory() {
  const exports = useExports()
  const downloading = useMutation<void, ApiError, ExportTask>({ mutationFn: downloadExport })
  return (
    <SectionTable<ExportTask>
      title="Exports"
      rows={exports.data}
      idOf={({ exportID }) => exportID}
      problem={(downloading.error ?? exports.error)?.message}
      empty="Nothing was exported yet."
      columns={[
        { id: 'file', header: 'File', isRowHeader: true, cell: ({ s3Key }) => s3Key },
        { id: 'status', header: 'Status', cell: (task) => <ExportState task={task} /> },
        { id: 'servers', header: 'Source servers', cell: ({ summary }) => summary.serversCount },
        {
          id: 'applications',
          header: 'Applications',
          cell: ({ summary }) => summary.applicationsCount,
        },
        { id: 'waves', header: 'Waves', cell: ({ summary }) => summary.wavesCount },
        { id: 'started', header: 'Started', cell: (task) => <Moment at={task.creationDateTime} /> },
        {
          id: 'download',
          header: 'Download',
          cell: (task) => (
            <PermittedButton
              iconName="download"
              actions={['mgn:StartExport']}
              ariaLabel={`Download ${task.s3Key}`}
              lacks={task.status === 'SUCCEEDED' ? undefined : 'There is no file.'}
              loading={downloading.isPending && downloading.variables.exportID === task.exportID}
              onClick={() => downloading.mutate(task)}
            >
              Download
            </PermittedButton>
          ),
        },
      ]}
    />
  )
}

/** With the reason of one that failed. */
function ExportState({ task }: { readonly task: ExportTask }) {
  const mayAsk = usePermission()('mgn:ListExportErrors') === undefined
  const { data } = usePolled<{
    readonly items: readonly { readonly errorData: { readonly rawError: string } }[]
  }>(
    'mgn:ListExportErrors',
    { exportID: task.exportID },
    { pollMs: false, enabled: mayAsk && task.status === 'FAILED' },
  )
  const reason = data?.items[0]?.errorData.rawError
  return (
    <>
      <TaskState {...task} />
      {reason !== undefined && <Box variant="small">{reason}</Box>}
    </>
  )
}

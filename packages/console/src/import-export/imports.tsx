import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import FileUpload from '@cloudscape-design/components/file-upload'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { TableProps } from '@cloudscape-design/components/table'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { ApiError } from '../api/call.ts'
import { SectionTable } from '../lists/section-table.tsx'
import { PermittedButton } from '../session/permitted-button.tsx'
import { Readable } from '../session/readable.tsx'
import { useParameters } from '../shell/url-parameters.ts'
import { Moment } from '../time/moment.tsx'
import { BucketField } from './bucket-field.tsx'
import { ImportErrors } from './import-errors.tsx'
import { TaskState } from './task-status.tsx'
import { BUCKET, type ImportTask, startImport, useImports } from './tasks.ts'

export function Imports() {
  return (
    <SpaceBetween size="l">
      <ImportForm />
      <Readable title="Imports" action="mgn:ListImports">
        <ImportHistory />
      </Readable>
    </SpaceBetween>
  )
}

function ImportForm() {
  const queries = useQueryClient()
  const [, change] = useParameters()
  const [file, setFile] = useState<File>()
  const [bucket, setBucket] = useState(BUCKET)
  const starting = useMutation<ImportTask, ApiError, File>({
    mutationFn: (chosen) => startImport(chosen, bucket),
    onSuccess: ({ importID }) => {
      setFile(undefined)
      change({ import: importID })
    },
    onSettled: () => queries.invalidateQueries(),
  })
  return (
    <Container header={<Header variant="h2">Import a file</Header>}>
      <SpaceBetween size="m">
        <FormField
          label="CSV file"
          description="With the columns that an export has. What a row names and is not there is created; what is there is changed; a blank cell changes nothing."
        >
          <FileUpload
            value={file === undefined ? [] : [file]}
            accept=".csv,text/csv"
            showFileSize
            onChange={({ detail }) => setFile(detail.value[0])}
            constraintText="UTF-8, separated by commas, at most 50,000 rows. When a row is wrong, nothing is changed."
            i18nStrings={{
              uploadButtonText: () => 'Choose file',
              dropzoneText: () => 'Drop the file here',
              removeFileAriaLabel: (_, name) => `Remove ${name}`,
            }}
          />
        </FormField>
        <BucketField bucket={bucket} onChange={setBucket} />
        {starting.error && <Alert type="error">{starting.error.message}</Alert>}
        <PermittedButton
          variant="primary"
          actions={['mgn:StartImport']}
          lacks={file === undefined ? 'Choose a file first.' : undefined}
          loading={starting.isPending}
          onClick={() => file !== undefined && starting.mutate(file)}
        >
          Import
        </PermittedButton>
      </SpaceBetween>
    </Container>
  )
}

function ImportHistory() {
  const [params, change] = useParameters()
  const imports = useImports()
  const shownID = params.get('import')
  const shown = imports.data?.find(({ importID }) => importID === shownID)
  return (
    <SpaceBetween size="l">
      <SectionTable<ImportTask>
        title="Imports"
        rows={imports.data}
        columns={columns((importID) => change({ import: importID }))}
        idOf={({ importID }) => importID}
        problem={imports.error?.message}
        empty="Nothing was imported yet. Export a file first to see what it looks like."
      />
      {shown !== undefined && (
        <ImportErrors task={shown} onDismiss={() => change({ import: undefined })} />
      )}
    </SpaceBetween>
  )
}

function columns(show: (importID: string) => void): TableProps.ColumnDefinition<ImportTask>[] {
  const count = (kind: keyof ImportTask['summary']) => (task: ImportTask) => {
    const { createdCount, modifiedCount } = task.summary[kind]
    const said = [
      ...(createdCount > 0 ? [`${createdCount} created`] : []),
      ...(modifiedCount > 0 ? [`${modifiedCount} changed`] : []),
    ]
    return said.join(', ') || '–'
  }
  return [
    {
      id: 'file',
      header: 'File',
      isRowHeader: true,
      cell: ({ s3BucketSource: { s3Key } }) => s3Key,
    },
    { id: 'status', header: 'Status', cell: (task) => <TaskState {...task} /> },
    { id: 'servers', header: 'Source servers', cell: count('servers') },
    { id: 'applications', header: 'Applications', cell: count('applications') },
    { id: 'waves', header: 'Waves', cell: count('waves') },
    { id: 'started', header: 'Started', cell: (task) => <Moment at={task.creationDateTime} /> },
    {
      id: 'errors',
      header: 'Errors',
      cell: ({ importID, status, s3BucketSource }) =>
        status === 'FAILED' ? (
          <Button
            variant="inline-link"
            ariaLabel={`Show errors of ${s3BucketSource.s3Key}`}
            onClick={() => show(importID)}
          >
            Show
          </Button>
        ) : (
          '–'
        ),
    },
  ]
}

import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Header from '@cloudscape-design/components/header'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Table, { type TableProps } from '@cloudscape-design/components/table'
import type { JobLogEvent, JobLogItem } from '@landfall/model'
import { Moment } from '../time/moment.tsx'
import type { Indication } from './job-words.ts'

interface JobLogProps {
  readonly log: readonly JobLogItem[]
  readonly isPending: boolean
  /** The job goes on. */
  readonly isOpen: boolean
  readonly nameOf: (sourceServerID: string) => string
  /** Of the others nothing is shown. */
  readonly onlyServerID: string | undefined
  readonly onShowAll: () => void
}

/** What happened, and what happens: the newest event is last. */
export function JobLog(props: JobLogProps) {
  const { log, isPending, isOpen, nameOf, onlyServerID, onShowAll } = props
  const shown = log.filter(
    ({ eventData: { sourceServerID: id } }) =>
      onlyServerID === undefined || id === undefined || id === onlyServerID,
  )
  return (
    <Table
      variant="container"
      items={shown}
      trackBy={({ event, logDateTime, eventData }) =>
        [event, logDateTime, eventData.sourceServerID, eventData.attemptCount].join(' ')
      }
      loading={isPending}
      loadingText="Loading the job log"
      wrapLines
      ariaLabels={{ tableLabel: 'Job log' }}
      header={
        <Header
          variant="h2"
          counter={`(${shown.length})`}
          description={isOpen ? 'The job goes on; events come as they happen.' : undefined}
          actions={
            onlyServerID !== undefined && <Button onClick={onShowAll}>Show all servers</Button>
          }
        >
          {onlyServerID === undefined ? 'Job log' : `Job log of ${nameOf(onlyServerID)}`}
        </Header>
      }
      empty={
        <Box textAlign="center" color="inherit">
          Nothing has happened yet. The job begins when a place is free.
        </Box>
      }
      columnDefinitions={columns(nameOf)}
    />
  )
}

function columns(
  nameOf: (sourceServerID: string) => string,
): readonly TableProps.ColumnDefinition<JobLogItem>[] {
  return [
    { id: 'at', header: 'Moment', cell: ({ logDateTime }) => <Moment at={logDateTime} /> },
    {
      id: 'event',
      header: 'Event',
      isRowHeader: true,
      cell: ({ event }) => {
        const [type, text] = EVENT_WORDS[event]
        return <StatusIndicator type={type}>{text}</StatusIndicator>
      },
    },
    {
      id: 'server',
      header: 'Source server',
      cell: ({ eventData: { sourceServerID: id } }) => (id === undefined ? '–' : nameOf(id)),
    },
    { id: 'data', header: 'Details', cell: ({ eventData }) => detailsOf(eventData) || '–' },
  ]
}

function detailsOf(data: JobLogItem['eventData']): string {
  const { conversionServerID, targetInstanceID, attemptCount, maxAttemptsCount, rawError } = data
  return [
    attemptCount !== undefined && `Attempt ${attemptCount} of ${maxAttemptsCount}`,
    conversionServerID !== undefined && `conversion server ${conversionServerID}`,
    targetInstanceID !== undefined && `instance ${targetInstanceID}`,
    rawError,
  ]
    .filter(Boolean)
    .join(' · ')
}

const EVENT_WORDS: Readonly<Record<JobLogEvent, readonly [Indication, string]>> = {
  JOB_START: ['info', 'Job started'],
  SERVER_SKIPPED: ['stopped', 'Server skipped'],
  CLEANUP_START: ['info', 'Removing the earlier instance'],
  CLEANUP_END: ['success', 'Earlier instance removed'],
  CLEANUP_FAIL: ['error', 'Earlier instance not removed'],
  SNAPSHOT_START: ['info', 'Taking a point'],
  SNAPSHOT_END: ['success', 'Point taken'],
  SNAPSHOT_FAIL: ['error', 'Point failed'],
  USING_PREVIOUS_SNAPSHOT: ['warning', 'Using the previous point'],
  CONVERSION_START: ['info', 'Conversion started'],
  CONVERSION_END: ['success', 'Conversion succeeded'],
  CONVERSION_FAIL: ['error', 'Conversion failed'],
  LAUNCH_START: ['info', 'Launching the instance'],
  LAUNCH_FAILED: ['error', 'Launch failed'],
  JOB_CANCEL: ['stopped', 'Job cancelled'],
  JOB_END: ['info', 'Job ended'],
}

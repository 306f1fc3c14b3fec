import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { ApiError } from '../api/call.ts'

interface LoadedProps<Output> {
  readonly query: UseQueryResult<Output, ApiError>
  /** What is loaded: "the launch settings". */
  readonly what: string
  readonly children: (output: Output) => ReactNode
}

/** What was loaded, once it is; until then that it is being loaded, or why it cannot be. */
export function Loaded<Output>({ query, what, children }: LoadedProps<Output>) {
  const { data, error, refetch } = query
  if (data !== undefined) return children(data)
  if (error === null) return <StatusIndicator type="loading">{`Loading ${what}`}</StatusIndicator>
  return (
    <Alert
      type="error"
      header={`Landfall cannot show ${what}`}
      action={<Button onClick={() => void refetch()}>Try again</Button>}
    >
      {error.message}
    </Alert>
  )
}

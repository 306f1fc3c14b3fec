import ProgressBar from '@cloudscape-design/components/progress-bar'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import type { TaskStatus } from './tasks.ts'

interface TaskStatusProps {
  readonly status: TaskStatus
  readonly progressPercentage: number
}

/** How far an import or an export has come. */
export function TaskState({ status, progressPercentage }: TaskStatusProps) {
  switch (status) {
    case 'PENDING':
      return <StatusIndicator type="pending">Waits for its turn</StatusIndicator>
    case 'STARTED':
      return <ProgressBar value={Math.floor(progressPercentage)} ariaLabel="Progress" />
    case 'SUCCEEDED':
      return <StatusIndicator>Succeeded</StatusIndicator>
    case 'FAILED':
      return <StatusIndicator type="error">Failed</StatusIndicator>
  }
}

import StatusIndicator, {
  type StatusIndicatorProps,
} from '@cloudscape-design/components/status-indicator'
import type { Group, Health, Progress } from './group.ts'

const HEALTH: Readonly<Record<Health, readonly [StatusIndicatorProps.Type, string]>> = {
  HEALTHY: ['success', 'Healthy'],
  LAGGING: ['pending', 'Lagging'],
  ERROR: ['error', 'Error'],
}

const PROGRESS: Readonly<Record<Progress, readonly [StatusIndicatorProps.Type, string]>> = {
  NOT_STARTED: ['pending', 'Not started'],
  IN_PROGRESS: ['in-progress', 'In progress'],
  COMPLETED: ['success', 'Completed'],
}

/** The worst of its servers. */
export function GroupHealth({ group }: { readonly group: Group }) {
  const [type, text] = HEALTH[group.health]
  return <StatusIndicator type={type}>{text}</StatusIndicator>
}

export function GroupProgress({ group }: { readonly group: Group }) {
  const [type, text] = PROGRESS[group.progress]
  return <StatusIndicator type={type}>{text}</StatusIndicator>
}

import type { PointConsistency, PointReason, PointView } from '@landfall/model'
import type { StatusIndicatorProps } from '@cloudscape-design/components/status-indicator'

export const CONSISTENCY_WORDS: Readonly<Record<PointConsistency, string>> = {
  application: 'Application',
  filesystem: 'File system',
  crash: 'Crash',
}

export const REASON_WORDS: Readonly<Record<PointReason, string>> = {
  SCHEDULED: 'Schedule',
  ON_DEMAND: 'On demand',
  LAUNCH: 'Launch',
}

export const STATE_WORDS: Readonly<
  Record<PointView['state'], readonly [StatusIndicatorProps.Type, string]>
> = {
  REQUESTED: ['in-progress', 'Being taken'],
  AVAILABLE: ['success', 'Available'],
  DELETING: ['in-progress', 'Being deleted'],
  FAILED: ['error', 'Failed'],
}

import { LandfallError } from '@landfall/model'

/** The resource types that errors name, as MGN's clients see them. */
export type ResourceType =
  | 'SourceServer'
  | 'Job'
  | 'ReplicationConfigurationTemplate'
  | 'LaunchConfigurationTemplate'
  | 'Application'
  | 'Wave'
  | 'Connector'
  | 'VcenterClient'
  | 'Action'
  | 'Import'
  | 'Export'
  | 'Point'
  | 'DiskKey'
  | 'Instance'
  | 'Verification'
  | 'Pin'

/** `value`, or a `not_found` error that names what was asked for. */
export function found<T>(value: T | undefined, resourceType: ResourceType, resourceId: string): T {
  if (value !== undefined) return value
  throw new LandfallError('not_found', `There is no ${resourceType} ${resourceId}`, {
    resource: { resourceId, resourceType },
  })
}

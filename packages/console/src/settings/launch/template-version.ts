import type { LaunchTemplateData } from './launch-template.ts'

/** A version of an EC2 launch template, as DescribeLaunchTemplateVersions shows it. */
export interface TemplateVersion {
  readonly LaunchTemplateId: string
  readonly VersionNumber: number
  readonly VersionDescription?: string
  /** ISO 8601 in UTC. */
  readonly CreateTime: string
  /** ARN. */
  readonly CreatedBy: string
  readonly DefaultVersion: boolean
  readonly LaunchTemplateData: LaunchTemplateData
}

export interface TemplateVersions {
  readonly LaunchTemplateVersions: readonly TemplateVersion[]
}

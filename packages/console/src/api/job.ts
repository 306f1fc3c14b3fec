import type { JobInitiatedBy, JobStatus, JobType, LaunchStatus } from '@landfall/model'

/** MGN's Job; moments are ISO 8601 in UTC. */
export interface Job {
  readonly jobID: string
  readonly type: JobType
  readonly initiatedBy?: JobInitiatedBy
  readonly creationDateTime: string
  readonly endDateTime?: string
  readonly status: JobStatus
  readonly participatingServers: readonly JobServer[]
}

/** What a job does with one server. */
export interface JobServer {
  readonly sourceServerID: string
  readonly launchStatus: LaunchStatus
  readonly launchedEc2InstanceID?: string
  readonly postLaunchActionsStatus?: {
    readonly postLaunchActionsLaunchStatusList: readonly LaunchedAction[]
  }
}

export interface LaunchedAction {
  readonly ssmDocument: { readonly actionName: string; readonly mustSucceedForCutover?: boolean }
  readonly executionStatus: 'IN_PROGRESS' | 'SUCCESS' | 'FAILED'
  readonly failureReason?: string
}

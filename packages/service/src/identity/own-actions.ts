/**
 * Landfall's own actions, by who does such things. AWS's managed policies know nothing of them, and
 * whoever may do MGN's part of a migration is let do Landfall's: managed-policies.ts says to whom.
 */

/** Looking at servers, points, jobs and instances. */
export const READING_ACTIONS = [
  'DescribeInstance',
  'DescribeInstanceChanges',
  'DescribeNetworkPlan',
  'DescribePoint',
  'DescribeReplication',
  'DescribeVerification',
  'GetAgentInstallation',
  'GetCutoverForecast',
  'GetLaunchPlan',
  'GetNetworkSettings',
  'GetPointPolicy',
  'GetPreflight',
  'GetRehearsals',
  'GetReplicationHistory',
  'GetScrubRate',
  'GetSourceServer',
  'GetStatus',
  'ListActionRuns',
  'ListActions',
  'ListImages',
  'ListPoints',
  'ListPredefinedActions',
  'ListPreflightCounts',
  'ListServerJobs',
  'SearchInstances',
  'SearchSourceServers',
] as const

/** Migrating; and seeing an instance's screen, which shows what somebody typed there. */
export const OPERATING_ACTIONS = [
  'AddPredefinedAction',
  'CreatePoint',
  'DeleteDiskKey',
  'DeletePoint',
  'GetInstanceScreenshot',
  'ListDiskKeys',
  'OpenInstanceScreen',
  'PinPoint',
  'PromoteTestInstance',
  'PutDiskKey',
  'RerunActions',
  'StartRehearsal',
  'StartVerification',
  'UnpinPoint',
  'UpdateAction',
  'UpdateNetworkSettings',
  'UpdatePointPolicy',
  'UpdateRehearsalSettings',
  'UpdateScrubRate',
] as const

/** The installation's, not a migration's: for AdministratorAccess, or a policy that says so. */
export const ADMINISTRATION_ACTIONS = [
  'GetBucketStore',
  'GetUserPassword',
  'GetWebhook',
  'ListAuditEvents',
  'RemoveUserPassword',
  'SetUserPassword',
  'UpdateBucketStore',
  'UpdateWebhook',
] as const

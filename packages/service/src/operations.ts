import { auditOperations } from './audit/operations.ts'
import { bucketOperations } from './buckets/operations.ts'
import { agentPollOperations } from './channel/agent-poll.ts'
import { agentReportOperations } from './channel/agent-reports.ts'
import { stagingChannelOperations } from './channel/staging-channel.ts'
import { stagingNoticeOperations } from './channel/staging-notices.ts'
import { launchTemplateOperations } from './configurations/launch-configuration-templates.ts'
import { replicationTemplateOperations } from './configurations/replication-templates.ts'
import { serverConfigurationOperations } from './configurations/server-configurations.ts'
import type { OperationDependencies } from './dependencies.ts'
import type { Operation, OperationGroup } from './http/operation.ts'
import { diskKeyOperations } from './disk-keys/operations.ts'
import { ec2ImageOperations } from './ec2/image-operations.ts'
import { ec2InstanceAttributeOperations } from './ec2/instance-attribute-operations.ts'
import { ec2InstanceOperations } from './ec2/instance-operations.ts'
import { ec2InstanceTypeOperations } from './ec2/instance-type-operations.ts'
import { ec2LaunchTemplateOperations } from './ec2/launch-template-operations.ts'
import { ec2LaunchTemplateVersionOperations } from './ec2/launch-template-versions.ts'
import { ec2NetworkOperations } from './ec2/network-operations.ts'
import { ec2PowerOperations } from './ec2/power-operations.ts'
import { ec2RegionOperations } from './ec2/region-operations.ts'
import { ec2StorageOperations } from './ec2/storage-operations.ts'
import { ec2TagOperations } from './ec2/tag-operations.ts'
import { eventOperations } from './events/operations.ts'
import { forecastOperations } from './forecast/operations.ts'
import { imageOperations } from './images/operations.ts'
import { exportOperations, importOperations } from './import-export/operations.ts'
import { passwordOperations } from './identity/password-operations.ts'
import { initializeOperations } from './initialize.ts'
import { instanceOperations } from './instances/operations.ts'
import { searchInstanceOperations } from './instances/search-instances.ts'
import { accountListOperations } from './inventory/account-lists.ts'
import { connectorOperations } from './inventory/connectors.ts'
import { groupOperations } from './inventory/group-operations.ts'
import { membershipOperations } from './inventory/membership.ts'
import { serverConnectorOperations } from './inventory/server-connectors.ts'
import { launchPlanOperations } from './jobs/launch-plan-operations.ts'
import { jobOperations } from './jobs/operations.ts'
import { serverJobOperations } from './jobs/server-jobs.ts'
import { launchOperations } from './lifecycle/launch-operations.ts'
import { lifecycleOperations } from './lifecycle/operations.ts'
import { pauseOperations } from './lifecycle/pause.ts'
import { promotionOperations } from './lifecycle/promotion.ts'
import { retryOperations } from './lifecycle/retry.ts'
import { networkOperations } from './networks/operations.ts'
import { pointDeletionOperations } from './points/delete-point.ts'
import { pinOperations } from './points/pins.ts'
import { pointOperations } from './points/operations.ts'
import { pointPolicyOperations } from './points/policy-operations.ts'
import { verificationOperations } from './points/verification.ts'
import { actionOperations } from './post-launch-actions/operations.ts'
import { ownActionOperations } from './post-launch-actions/own-operations.ts'
import { predefinedActionOperations } from './post-launch-actions/predefined-operations.ts'
import { actionRunOperations } from './post-launch-actions/run-operations.ts'
import { preflightOperations } from './preflight/operations.ts'
import { rehearsalOperations } from './rehearsals/operations.ts'
import { replicationHistoryOperations } from './replication-history/operations.ts'
import { serverListOperations } from './server-list/operations.ts'
import { installationOperations } from './source-servers/installation-operations.ts'
import { installerOperations } from './source-servers/installer-operations.ts'
import { scrubOperations } from './source-servers/scrub-operations.ts'
import { sourceServerOperations } from './source-servers/operations.ts'
import { ssmCommandOperations } from './ssm/command-operations.ts'
import { ssmDocumentOperations, ssmDocumentViewOperations } from './ssm/document-operations.ts'
import { instanceChannelOperations } from './ssm/instance-channel.ts'
import { ssmInstanceOperations } from './ssm/instance-information.ts'
import { ssmParameterOperations } from './ssm/parameter-operations.ts'
import { statusOperations } from './status.ts'
import { tagOperations } from './tags/operations.ts'

export { TOKEN_AUTHENTICATED } from './instances/operations.ts'

const GROUPS = [
  initializeOperations,
  passwordOperations,
  replicationTemplateOperations,
  launchTemplateOperations,
  serverConfigurationOperations,
  sourceServerOperations,
  serverListOperations,
  replicationHistoryOperations,
  scrubOperations,
  preflightOperations,
  diskKeyOperations,
  rehearsalOperations,
  lifecycleOperations,
  launchOperations,
  launchPlanOperations,
  forecastOperations,
  promotionOperations,
  pauseOperations,
  retryOperations,
  networkOperations,
  jobOperations,
  serverJobOperations,
  groupOperations,
  membershipOperations,
  connectorOperations,
  serverConnectorOperations,
  accountListOperations,
  importOperations,
  exportOperations,
  bucketOperations,
  actionOperations,
  actionRunOperations,
  predefinedActionOperations,
  ownActionOperations,
  tagOperations,
  installationOperations,
  installerOperations,
  agentPollOperations,
  agentReportOperations,
  stagingChannelOperations,
  stagingNoticeOperations,
  pointOperations,
  verificationOperations,
  pinOperations,
  pointPolicyOperations,
  pointDeletionOperations,
  ec2LaunchTemplateOperations,
  ec2LaunchTemplateVersionOperations,
  ec2InstanceOperations,
  ec2InstanceAttributeOperations,
  ec2PowerOperations,
  ec2ImageOperations,
  imageOperations,
  ec2InstanceTypeOperations,
  ec2RegionOperations,
  ec2NetworkOperations,
  ec2StorageOperations,
  ec2TagOperations,
  ssmParameterOperations,
  ssmDocumentOperations,
  ssmDocumentViewOperations,
  ssmCommandOperations,
  ssmInstanceOperations,
  instanceChannelOperations,
  auditOperations,
  eventOperations,
  instanceOperations,
  searchInstanceOperations,
  statusOperations,
]

/** Every operation of the service but those of IAM. */
export function createOperations(dependencies: OperationDependencies): Required<OperationGroup> {
  const groups = GROUPS.map((create) => create(dependencies))
  const all = (protocol: keyof OperationGroup) =>
    Object.assign({}, ...groups.map((group) => group[protocol])) as Record<string, Operation>
  return {
    mgn: all('mgn'),
    ec2: all('ec2'),
    ssm: all('ssm'),
    forMgn: all('forMgn'),
    landfall: all('landfall'),
  }
}

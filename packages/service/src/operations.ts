import { agentPollOperations } from './channel/agent-poll.ts'
import { agentReportOperations } from './channel/agent-reports.ts'
import { stagingChannelOperations } from './channel/staging-channel.ts'
import { stagingNoticeOperations } from './channel/staging-notices.ts'
import { launchTemplateOperations } from './configurations/launch-configuration-templates.ts'
import { replicationTemplateOperations } from './configurations/replication-templates.ts'
import { serverConfigurationOperations } from './configurations/server-configurations.ts'
import type { OperationDependencies } from './dependencies.ts'
import type { Operation, OperationGroup } from './http/operation.ts'
import { initializeOperations } from './initialize.ts'
import { instanceOperations } from './instances/operations.ts'
import { jobOperations } from './jobs/operations.ts'
import { launchOperations } from './lifecycle/launch-operations.ts'
import { lifecycleOperations } from './lifecycle/operations.ts'
import { pauseOperations } from './lifecycle/pause.ts'
import { retryOperations } from './lifecycle/retry.ts'
import { pointDeletionOperations } from './points/delete-point.ts'
import { pinOperations } from './points/pins.ts'
import { pointOperations } from './points/operations.ts'
import { pointPolicyOperations } from './points/policy-operations.ts'
import { verificationOperations } from './points/verification.ts'
import { installerOperations } from './source-servers/installer-operations.ts'
import { scrubOperations } from './source-servers/scrub-operations.ts'
import { sourceServerOperations } from './source-servers/operations.ts'
import { statusOperations } from './status.ts'
import { tagOperations } from './tags/operations.ts'

export { TOKEN_AUTHENTICATED } from './instances/operations.ts'

const GROUPS = [
  initializeOperations,
  replicationTemplateOperations,
  launchTemplateOperations,
  serverConfigurationOperations,
  sourceServerOperations,
  scrubOperations,
  lifecycleOperations,
  launchOperations,
  pauseOperations,
  retryOperations,
  jobOperations,
  tagOperations,
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
  instanceOperations,
  statusOperations,
]

/** Every operation of the service but those of IAM. */
export function createOperations(dependencies: OperationDependencies): Required<OperationGroup> {
  const groups = GROUPS.map((create) => create(dependencies))
  const all = (protocol: keyof OperationGroup) =>
    Object.assign({}, ...groups.map((group) => group[protocol])) as Record<string, Operation>
  return {
    mgn: all('mgn'),
    forMgn: all('forMgn'),
    landfall: all('landfall'),
  }
}

import { arnOf } from '@landfall/model'
import type { CallContext } from '../http/operation.ts'
import type { AggregatedStatus } from './aggregated-status.ts'
import type { GroupRow } from './tables.ts'

type Account = Pick<CallContext, 'region' | 'accountID'>

/** MGN's Application or Wave. */
export function viewGroup(
  group: GroupRow,
  status: AggregatedStatus,
  { account, now }: { readonly account: Account; readonly now: Date },
): object {
  const { kind, group_id: id } = group
  const common = {
    arn: arnOf(kind, id, account),
    name: group.name,
    ...(group.description !== null && { description: group.description }),
    isArchived: group.is_archived,
    creationDateTime: group.created_at.toISOString(),
    lastModifiedDateTime: group.modified_at.toISOString(),
    tags: group.tags,
  }
  const { healthStatus, progressStatus, replicationStartedAt } = status
  const aggregated = { lastUpdateDateTime: now.toISOString(), healthStatus, progressStatus }
  if (kind === 'application') {
    const { totalSourceServers } = status
    return {
      ...common,
      applicationID: id,
      applicationAggregatedStatus: { ...aggregated, totalSourceServers },
      ...(group.wave_id !== null && { waveID: group.wave_id }),
    }
  }
  const { totalApplications } = status
  return {
    ...common,
    waveID: id,
    waveAggregatedStatus: {
      ...aggregated,
      totalApplications,
      ...(replicationStartedAt && {
        replicationStartedDateTime: replicationStartedAt.toISOString(),
      }),
    },
  }
}

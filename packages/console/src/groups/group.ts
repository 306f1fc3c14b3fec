import { useWholeList } from '../api/whole-list.ts'
import type { Kind } from './kinds.ts'
import { KINDS } from './kinds.ts'

export type Health = 'HEALTHY' | 'LAGGING' | 'ERROR'
export type Progress = 'NOT_STARTED' | 'IN_PROGRESS' | 'COMPLETED'

/** An application or a wave, with what its servers come to. Moments are ISO 8601 in UTC. */
export interface Group {
  readonly kind: Kind
  readonly id: string
  readonly arn: string
  readonly name: string
  readonly description: string
  readonly isArchived: boolean
  readonly tags: Readonly<Record<string, string>>
  readonly createdAt: string
  readonly modifiedAt: string
  readonly health: Health
  readonly progress: Progress
  /** Source servers of an application, applications of a wave. */
  readonly membersCount: number
  /** Of an application. */
  readonly waveID?: string
  /** Of a wave: when the first of its servers sent its first byte. */
  readonly replicationStartedAt?: string
}

interface AggregatedStatus {
  readonly healthStatus: Health
  readonly progressStatus: Progress
  readonly totalSourceServers?: number
  readonly totalApplications?: number
  readonly replicationStartedDateTime?: string
}

/** MGN's Application or Wave. */
export interface RawGroup {
  readonly applicationID?: string
  readonly waveID?: string
  readonly arn: string
  readonly name: string
  readonly description?: string
  readonly isArchived: boolean
  readonly creationDateTime: string
  readonly lastModifiedDateTime: string
  readonly tags?: Readonly<Record<string, string>>
  readonly applicationAggregatedStatus?: AggregatedStatus
  readonly waveAggregatedStatus?: AggregatedStatus
}

export function toGroup(kind: Kind, raw: RawGroup): Group {
  const status = raw.applicationAggregatedStatus ?? raw.waveAggregatedStatus
  const startedAt = status?.replicationStartedDateTime
  return {
    kind,
    id: raw[KINDS[kind].id] ?? '',
    arn: raw.arn,
    name: raw.name,
    description: raw.description ?? '',
    isArchived: raw.isArchived,
    tags: raw.tags ?? {},
    createdAt: raw.creationDateTime,
    modifiedAt: raw.lastModifiedDateTime,
    health: status?.healthStatus ?? 'HEALTHY',
    progress: status?.progressStatus ?? 'NOT_STARTED',
    membersCount: status?.totalSourceServers ?? status?.totalApplications ?? 0,
    ...(kind === 'application' && raw.waveID !== undefined && { waveID: raw.waveID }),
    ...(startedAt !== undefined && { replicationStartedAt: startedAt }),
  }
}

interface Filters {
  readonly applicationIDs?: readonly string[]
  readonly waveIDs?: readonly string[]
  readonly isArchived?: boolean
}

/** The groups of a kind that the filters let through. */
export function useGroups(kind: Kind, filters: Filters = {}, enabled = true) {
  const { data, ...query } = useWholeList<RawGroup>(KINDS[kind].list, { filters }, { enabled })
  return { ...query, data: data?.map((raw) => toGroup(kind, raw)) }
}

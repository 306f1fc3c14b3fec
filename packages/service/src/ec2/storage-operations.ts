import type { OperationDependencies } from '../dependencies.ts'
import type { CallContext, OperationGroup } from '../http/operation.ts'
import type { PointRow } from '../points/tables.ts'
import type { DesiredReplication, SourceServerRow } from '../source-servers/tables.ts'
import { tagsFromList, type Tag } from '../tags/tag-list.ts'
import { Ec2Error } from './ec2-error.ts'
import { matchesFilters, type Filter } from './filters.ts'
import { availabilityZone } from './network.ts'
import { numberedPage, type NumberedPageRequest } from '../numbered-pages.ts'
import { snapshotID, volumeID } from './volume-ids.ts'

const GIB = 1024 ** 3

interface Filtered extends NumberedPageRequest {
  readonly Filters?: readonly Filter[]
}

/** Servers whose replicated disks are kept. */
const KEPT: readonly DesiredReplication[] = ['REPLICATING', 'PAUSED']

/**
 * Staging as EC2 would show it, to be looked at only: a volume for each replicated disk, a snapshot
 * for each disk of a point.
 */
export function ec2StorageOperations({ db }: OperationDependencies): OperationGroup {
  return {
    ec2: {
      async DescribeVolumes(
        input: Filtered & { readonly VolumeIds?: readonly string[] },
        { region }: CallContext,
      ) {
        const servers = await db
          .selectFrom('source_servers')
          .select(['source_server_id', 'properties', 'added_at'])
          .where('desired', 'in', KEPT)
          .orderBy('seq')
          .execute()
        const volumes = servers.flatMap((server) => volumesOf(server, region))
        const { VolumeIds: ids } = input
        const shown = chosen(volumes, ids, (one) => one.VolumeId, 'InvalidVolume.NotFound')
        const filtered = shown.filter((one) =>
          matchesFilters(input.Filters, nameOf(one), {
            'volume-id': one.VolumeId,
            status: one.State,
          }),
        )
        const { items, nextToken } = numberedPage(numbered(filtered), input, ({ order }) => order)
        return { Volumes: items.map(({ item }) => item), ...nextToken }
      },

      async DescribeSnapshots(
        input: Filtered & {
          readonly SnapshotIds?: readonly string[]
          readonly OwnerIds?: readonly string[]
          readonly RestorableByUserIds?: readonly string[]
        },
        { accountID }: CallContext,
      ) {
        const isOurs = [input.OwnerIds, input.RestorableByUserIds].every(
          (ids) => ids === undefined || ids.includes('self') || ids.includes(accountID),
        )
        const points = await db
          .selectFrom('points')
          .select(['point_id', 'source_server_id', 'taken_at', 'disks'])
          .where('state', '=', 'AVAILABLE')
          .orderBy('seq')
          .execute()
        const snapshots = points.flatMap((point) => snapshotsOf(point, accountID))
        const { SnapshotIds: ids } = input
        const shown = chosen(snapshots, ids, (one) => one.SnapshotId, 'InvalidSnapshot.NotFound')
        const filtered = shown.filter(
          (one) =>
            isOurs &&
            matchesFilters(input.Filters, nameOf(one), {
              'snapshot-id': one.SnapshotId,
              'volume-id': one.VolumeId,
              'owner-id': accountID,
              status: one.State,
            }),
        )
        const { items, nextToken } = numberedPage(numbered(filtered), input, ({ order }) => order)
        return { Snapshots: items.map(({ item }) => item), ...nextToken }
      },
    },
  }
}

function volumesOf(
  server: Pick<SourceServerRow, 'source_server_id' | 'properties' | 'added_at'>,
  region: string,
) {
  const { source_server_id: id } = server
  return server.properties.disks.map(({ deviceName, bytes }) => ({
    VolumeId: volumeID(id, deviceName),
    Size: Math.ceil(bytes / GIB),
    AvailabilityZone: availabilityZone(region),
    State: 'in-use',
    CreateTime: server.added_at,
    Encrypted: false,
    VolumeType: 'gp3',
    Tags: [{ Key: 'Name', Value: `${id} ${deviceName}` }],
  }))
}

function snapshotsOf(
  point: Pick<PointRow, 'point_id' | 'source_server_id' | 'taken_at' | 'disks'>,
  accountID: string,
) {
  return point.disks.map(({ deviceName, sizeBytes }) => ({
    SnapshotId: snapshotID(point.point_id, deviceName),
    VolumeId: volumeID(point.source_server_id, deviceName),
    VolumeSize: Math.ceil(sizeBytes / GIB),
    State: 'completed',
    Progress: '100%',
    ...(point.taken_at !== null && { StartTime: point.taken_at }),
    OwnerId: accountID,
    Encrypted: false,
    Description: `${point.point_id} of ${point.source_server_id}, ${deviceName}`,
    Tags: [{ Key: 'Name', Value: point.point_id }],
  }))
}

/** Those with the IDs; all without. Throws `Ec2Error` for an ID that there is not. */
function chosen<Item>(
  items: readonly Item[],
  ids: readonly string[] = [],
  idOf: (item: Item) => string,
  ec2Code: string,
): readonly Item[] {
  if (ids.length === 0) return items
  const known = new Map(items.map((item) => [idOf(item), item]))
  return ids.map((id) => {
    const item = known.get(id)
    if (item === undefined) throw new Ec2Error(ec2Code, `'${id}' does not exist.`)
    return item
  })
}

function numbered<Item>(items: readonly Item[]) {
  return items.map((item, order) => ({ item, order }))
}

function nameOf({ Tags }: { readonly Tags: readonly Tag[] }) {
  return tagsFromList(Tags)
}

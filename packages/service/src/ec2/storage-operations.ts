import type { OperationDependencies } from '../dependencies.ts'
import type { CallContext, OperationGroup } from '../http/operation.ts'
import type { PointRow } from '../points/tables.ts'
import type { DesiredReplication, SourceServerRow } from '../source-servers/tables.ts'
import { tagsFromList, type Tag } from '../tags/tag-list.ts'
import { Ec2Error } from './ec2-error.ts'
import { matchesFilters, type Filter } from './filters.ts'
import { availabilityZone } from './network.ts'
import { keyedPage, type NumberedPageRequest } from '../numbered-pages.ts'
import { sortableText } from '../pages.ts'
import { snapshotID, volumeID } from './volume-ids.ts'

const GIB = 1024 ** 3

interface Keyed<View> {
  readonly key: string
  readonly view: View
}

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
          .select(['seq', 'source_server_id', 'properties', 'added_at'])
          .where('desired', 'in', KEPT)
          .execute()
        const volumes = servers.flatMap((server) => volumesOf(server, region))
        const { VolumeIds: ids } = input
        const shown = chosen(volumes, ids, (one) => one.VolumeId, 'InvalidVolume.NotFound')
        const filtered = shown.filter(({ view }) =>
          matchesFilters(input.Filters, nameOf(view), {
            'volume-id': view.VolumeId,
            status: view.State,
          }),
        )
        const { items, nextToken } = keyedPage(filtered, input, ({ key }) => key)
        return { Volumes: items.map(({ view }) => view), ...nextToken }
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
          .select(['seq', 'point_id', 'source_server_id', 'taken_at', 'disks'])
          .where('state', '=', 'AVAILABLE')
          .execute()
        const snapshots = points.flatMap((point) => snapshotsOf(point, accountID))
        const { SnapshotIds: ids } = input
        const shown = chosen(snapshots, ids, (one) => one.SnapshotId, 'InvalidSnapshot.NotFound')
        const filtered = shown.filter(
          ({ view }) =>
            isOurs &&
            matchesFilters(input.Filters, nameOf(view), {
              'snapshot-id': view.SnapshotId,
              'volume-id': view.VolumeId,
              'owner-id': accountID,
              status: view.State,
            }),
        )
        const { items, nextToken } = keyedPage(filtered, input, ({ key }) => key)
        return { Snapshots: items.map(({ view }) => view), ...nextToken }
      },
    },
  }
}

function volumesOf(
  server: Pick<SourceServerRow, 'seq' | 'source_server_id' | 'properties' | 'added_at'>,
  region: string,
) {
  const { source_server_id: id } = server
  return server.properties.disks.map(({ deviceName, bytes }) => ({
    key: keyOf(server, deviceName),
    view: {
      VolumeId: volumeID(id, deviceName),
      Size: Math.ceil(bytes / GIB),
      AvailabilityZone: availabilityZone(region),
      State: 'in-use',
      CreateTime: server.added_at,
      Encrypted: false,
      VolumeType: 'gp3',
      Tags: [{ Key: 'Name', Value: `${id} ${deviceName}` }],
    },
  }))
}

/** By server or point in the order in which they came, and by disk. */
function keyOf({ seq }: { readonly seq: number }, deviceName: string): string {
  return `${sortableText(seq)} ${deviceName}`
}

function snapshotsOf(
  point: Pick<PointRow, 'seq' | 'point_id' | 'source_server_id' | 'taken_at' | 'disks'>,
  accountID: string,
) {
  return point.disks.map(({ deviceName, sizeBytes }) => ({
    key: keyOf(point, deviceName),
    view: {
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
    },
  }))
}

/** Those with the IDs; all without. Throws `Ec2Error` for an ID that there is not. */
function chosen<View>(
  items: readonly Keyed<View>[],
  ids: readonly string[] = [],
  idOf: (view: View) => string,
  ec2Code: string,
): readonly Keyed<View>[] {
  if (ids.length === 0) return items
  const known = new Map(items.map((item) => [idOf(item.view), item]))
  return ids.map((id) => {
    const item = known.get(id)
    if (item === undefined) throw new Ec2Error(ec2Code, `'${id}' does not exist.`)
    return item
  })
}

function nameOf({ Tags }: { readonly Tags: readonly Tag[] }) {
  return tagsFromList(Tags)
}

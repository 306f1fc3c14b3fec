import type { Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { CallContext, OperationGroup } from '../http/operation.ts'
import { walkedPage, type NumberedPageRequest } from '../numbered-pages.ts'
import { NUMBER_MAX, sortableText, walk } from '../pages.ts'
import type { PointRow } from '../points/tables.ts'
import type { DesiredReplication, SourceServerRow } from '../source-servers/tables.ts'
import { tagsFromList, type Tag } from '../tags/tag-list.ts'
import { Ec2Error } from './ec2-error.ts'
import { matchesFilters, type Filter } from './filters.ts'
import { availabilityZone } from './network.ts'
import { snapshotID, volumeID } from './volume-ids.ts'

const GIB = 1024 ** 3

interface Keyed<View> {
  readonly key: string
  readonly view: View
}

/** All in the order of their keys, but those that are surely before `after`. */
type Walk<View> = (after: string | undefined) => AsyncIterable<Keyed<View>>

type Volume = ReturnType<typeof volumesOf>[number]['view']
type Snapshot = ReturnType<typeof snapshotsOf>[number]['view']

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
        const all = chosen(walkVolumes(db, region), input.VolumeIds, {
          idOf: (view) => view.VolumeId,
          ec2Code: 'InvalidVolume.NotFound',
        })
        const shown = filtered(all, (view) =>
          matchesFilters(input.Filters, nameOf(view), {
            'volume-id': view.VolumeId,
            status: view.State,
          }),
        )
        const { items, nextToken } = await walkedPage(shown, input, ({ key }) => key)
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
        const all = chosen(walkSnapshots(db, accountID), input.SnapshotIds, {
          idOf: (view) => view.SnapshotId,
          ec2Code: 'InvalidSnapshot.NotFound',
        })
        const shown = filtered(
          all,
          (view) =>
            isOurs &&
            matchesFilters(input.Filters, nameOf(view), {
              'snapshot-id': view.SnapshotId,
              'volume-id': view.VolumeId,
              'owner-id': accountID,
              status: view.State,
            }),
        )
        const { items, nextToken } = await walkedPage(shown, input, ({ key }) => key)
        return { Snapshots: items.map(({ view }) => view), ...nextToken }
      },
    },
  }
}

function walkVolumes(db: Kysely<Schema>, region: string): Walk<Volume> {
  const servers = db
    .selectFrom('source_servers')
    .select(['seq', 'source_server_id', 'properties', 'added_at'])
    .where('desired', 'in', KEPT)
  return async function* (after) {
    for await (const server of walk(servers, numberBefore(after))) yield* volumesOf(server, region)
  }
}

function walkSnapshots(db: Kysely<Schema>, accountID: string): Walk<Snapshot> {
  const points = db
    .selectFrom('points')
    .select(['seq', 'point_id', 'source_server_id', 'taken_at', 'disks'])
    .where('state', '=', 'AVAILABLE')
  return async function* (after) {
    for await (const point of walk(points, numberBefore(after)))
      yield* snapshotsOf(point, accountID)
  }
}

function volumesOf(
  server: Pick<SourceServerRow, 'seq' | 'source_server_id' | 'properties' | 'added_at'>,
  region: string,
) {
  const { source_server_id: id } = server
  return inOrder(
    server.properties.disks.map(({ deviceName, bytes }) => ({
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
    })),
  )
}

function snapshotsOf(
  point: Pick<PointRow, 'seq' | 'point_id' | 'source_server_id' | 'taken_at' | 'disks'>,
  accountID: string,
) {
  return inOrder(
    point.disks.map(({ deviceName, sizeBytes }) => ({
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
    })),
  )
}

/** By server or point in the order in which they came, and by disk. */
function keyOf({ seq }: { readonly seq: number }, deviceName: string): string {
  return `${sortableText(seq)} ${deviceName}`
}

/** The number before that in such a key: the walk to what comes after it begins with its own. */
function numberBefore(key = ''): number {
  return Math.min(Number.parseInt(key, 10) || 1, NUMBER_MAX) - 1
}

function inOrder<View>(items: readonly Keyed<View>[]): Keyed<View>[] {
  return items.toSorted((a, b) => (a.key < b.key ? -1 : 1))
}

/** Those with the IDs; all without. Throws `Ec2Error` for an ID that there is not. */
function chosen<View>(
  all: Walk<View>,
  ids: readonly string[] = [],
  { idOf, ec2Code }: { readonly idOf: (view: View) => string; readonly ec2Code: string },
): Walk<View> {
  if (ids.length === 0) return all
  return async function* () {
    const missing = new Set(ids)
    const found: Keyed<View>[] = []
    for await (const item of all(undefined)) {
      if (missing.delete(idOf(item.view))) found.push(item)
      if (missing.size === 0) break
    }
    const [id] = missing
    if (id !== undefined) throw new Ec2Error(ec2Code, `'${id}' does not exist.`)
    yield* found
  }
}

function filtered<View>(all: Walk<View>, passes: (view: View) => boolean): Walk<View> {
  return async function* (after) {
    for await (const item of all(after)) if (passes(item.view)) yield item
  }
}

function nameOf({ Tags }: { readonly Tags: readonly Tag[] }) {
  return tagsFromList(Tags)
}

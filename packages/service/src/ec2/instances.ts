import type { Provider } from '@landfall/launch'
import type { Kysely, Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { InstanceRow } from '../instances/tables.ts'
import { Ec2Error } from './ec2-error.ts'
import { plannedSettings } from '@landfall/launch'
import { DEFAULT_NETWORK } from '../networks/networks.ts'
import { availabilityZone, SECURITY_GROUP, VPC } from './network.ts'
import { tagListOf } from '../tags/tag-list.ts'
import { volumeID } from './volume-ids.ts'

/** EC2's numbers of instance states. */
const STATE_CODES = { pending: 0, running: 16, terminated: 48, stopping: 64, stopped: 80 } as const

export const BOOT_MODES = { bios: 'legacy-bios', uefi: 'uefi' } as const

export type Ec2State = keyof typeof STATE_CODES

export function stateView(state: Ec2State): object {
  return { Code: STATE_CODES[state], Name: state }
}

/** The instance, which no other call changes before the transaction ends. Throws `Ec2Error`. */
export async function lockInstance(trx: Transaction<Schema>, id: string): Promise<InstanceRow> {
  return (await shownInstance(trx, id).forUpdate().executeTakeFirst()) ?? noInstance(id)
}

/** Throws `Ec2Error` when there is no such instance. */
export async function findInstance(db: Kysely<Schema>, id: string): Promise<InstanceRow> {
  return (await shownInstance(db, id).executeTakeFirst()) ?? noInstance(id)
}

/** EC2's clients see nothing of rehearsals. */
function shownInstance(db: Kysely<Schema>, id: string) {
  return db
    .selectFrom('instances')
    .selectAll()
    .where('instance_id', '=', id)
    .where('purpose', '<>', 'REHEARSAL')
}

function noInstance(id: string): never {
  throw new Ec2Error('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist.`)
}

/** What the instance is doing now, by those who run it. */
export async function stateOf(provider: Provider, row: InstanceRow): Promise<Ec2State> {
  if (row.state === 'TERMINATED') return 'terminated'
  if (row.state === 'PENDING') return 'pending'
  return (await provider.describe(row.instance_id)).state
}

/** Known where it is the source's; by DHCP it is the guest's own affair. */
function privateAddress({ network }: InstanceRow): { readonly PrivateIpAddress?: string } {
  const [address] = (network && plannedSettings(network)?.addresses) ?? []
  return address === undefined ? {} : { PrivateIpAddress: address.split('/')[0] ?? '' }
}

/** EC2's Instance, as far as there is such a thing here. */
export function viewInstance(row: InstanceRow, state: Ec2State, region: string): object {
  return {
    InstanceId: row.instance_id,
    ...(row.instance_type !== null && { InstanceType: row.instance_type }),
    LaunchTime: row.created_at,
    State: stateView(state),
    Placement: { AvailabilityZone: availabilityZone(region), Tenancy: 'default' },
    Architecture: 'x86_64',
    BootMode: BOOT_MODES[row.firmware],
    SubnetId: (row.network?.network ?? DEFAULT_NETWORK).subnetID,
    ...privateAddress(row),
    VpcId: VPC.VpcId,
    SecurityGroups: [{ GroupId: SECURITY_GROUP.GroupId, GroupName: SECURITY_GROUP.GroupName }],
    RootDeviceType: 'ebs',
    ...(row.disks[0] !== undefined && { RootDeviceName: row.disks[0].deviceName }),
    BlockDeviceMappings: row.disks.map(({ deviceName }) => ({
      DeviceName: deviceName,
      Ebs: {
        VolumeId: volumeID(row.instance_id, deviceName),
        Status: 'attached',
        DeleteOnTermination: true,
      },
    })),
    Tags: tagListOf(row.tags),
  }
}

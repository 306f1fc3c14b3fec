import { newId } from '@landfall/model'
import type { OperationDependencies } from '../dependencies.ts'
import type { CallContext, OperationGroup } from '../http/operation.ts'
import { insertImage, moveImage } from '../images/images.ts'
import type { ImageRow } from '../images/tables.ts'
import type { InstanceRow } from '../instances/tables.ts'
import { matchingPage, type NumberedPageRequest } from '../numbered-pages.ts'
import { tagListOf } from '../tags/tag-list.ts'
import { Ec2Error } from './ec2-error.ts'
import { matchesFilters, type Filtered } from './filters.ts'
import { BOOT_MODES, lockInstance } from './instances.ts'
import { tagsOf, type TagSpecification } from './tags.ts'

interface CreateInput {
  readonly InstanceId: string
  readonly Name: string
  readonly Description?: string
  /** An instance is never rebooted for its image. */
  readonly NoReboot?: boolean
  readonly TagSpecifications?: readonly TagSpecification[]
}

interface DescribeInput extends Filtered, NumberedPageRequest {
  readonly ImageIds?: readonly string[]
  readonly Owners?: readonly string[]
  readonly ExecutableUsers?: readonly string[]
}

/** Members of the model that would do something that Landfall does not. */
const UNSUPPORTED = ['BlockDeviceMappings', 'SnapshotLocation'] as const

const GIB = 1024 ** 3

/** Images of launched instances: the files of their disks at one moment. */
export function ec2ImageOperations({ db }: OperationDependencies): OperationGroup {
  const shownImages = () =>
    db
      .selectFrom('images')
      .innerJoin('instances', 'instances.instance_id', 'images.instance_id')
      .selectAll('images')
      .select('instances.firmware')
      .where('images.state', '<>', 'DEREGISTERED')

  async function requireImages(ids: readonly string[]) {
    if (ids.length === 0) return
    const rows = await shownImages().where('image_id', 'in', ids).execute()
    const missing = ids.find((id) => rows.every((row) => row.image_id !== id))
    if (missing !== undefined) throw noImage(missing)
  }

  return {
    ec2: {
      /** Copying begins soon after the call, and is the moment that the image is of. */
      async CreateImage(input: CreateInput, context: CallContext) {
        refuseUnsupported(input)
        const { Name: name, Description: description } = input
        const imageID = newId('image')
        await db.transaction().execute(async (trx) => {
          const instance = await lockInstance(trx, input.InstanceId)
          await insertImage(trx, instance, {
            imageID,
            name,
            ...(description !== undefined && { description }),
            tags: tagsOf('image', input.TagSpecifications),
            now: context.now(),
          })
        })
        return { ImageId: imageID }
      },

      async DescribeImages(input: DescribeInput, { accountID }: CallContext) {
        const { ImageIds: ids = [], Owners, ExecutableUsers } = input
        await requireImages(ids)
        const isOurs = [Owners, ExecutableUsers].every(
          (names) => names === undefined || names.includes('self') || names.includes(accountID),
        )
        const query = shownImages()
        const { items, nextToken } = await matchingPage(
          ids.length > 0 ? query.where('image_id', 'in', ids) : query,
          input,
          (row) => isOurs && matchesFilters(input.Filters, row.tags, filterValues(row, accountID)),
        )
        return { Images: items.map((row) => viewImage(row, accountID)), ...nextToken }
      },

      /** Its files are deleted soon after; a copy that is under way ends. */
      async DeregisterImage({ ImageId: id }: { readonly ImageId: string }) {
        if (!(await moveImage(db, id, 'Deregistered', {}))) throw noImage(id)
        return {}
      },
    },
  }
}

type ShownImage = ImageRow & Pick<InstanceRow, 'firmware'>

function viewImage(image: ShownImage, accountID: string) {
  const { image_id: ImageId, name: Name, description, state, failure } = image
  const [root] = image.disks
  return {
    ImageId,
    Name,
    ...(description !== null && { Description: description }),
    ImageLocation: `${accountID}/${Name}`,
    ImageType: 'machine',
    State: state.toLowerCase(),
    ...(failure !== null && {
      StateReason: { Code: 'Server.InternalError', Message: failure },
    }),
    CreationDate: image.created_at.toISOString(),
    OwnerId: accountID,
    Public: false,
    SourceInstanceId: image.instance_id,
    Architecture: 'x86_64',
    BootMode: BOOT_MODES[image.firmware],
    PlatformDetails: 'Linux/UNIX',
    VirtualizationType: 'hvm',
    RootDeviceType: 'ebs',
    ...(root !== undefined && { RootDeviceName: root.deviceName }),
    BlockDeviceMappings: image.disks.map(({ deviceName, sizeBytes }) => ({
      DeviceName: deviceName,
      Ebs: { VolumeSize: Math.ceil(sizeBytes / GIB), Encrypted: false },
    })),
    Tags: tagListOf(image.tags),
  }
}

function filterValues(image: ShownImage, accountID: string) {
  const view = viewImage(image, accountID)
  return {
    architecture: view.Architecture,
    'creation-date': view.CreationDate,
    description: view.Description ?? '',
    'image-id': view.ImageId,
    'image-type': view.ImageType,
    'is-public': String(view.Public),
    name: view.Name,
    'owner-id': view.OwnerId,
    'root-device-type': view.RootDeviceType,
    'source-instance-id': view.SourceInstanceId,
    state: view.State,
    'virtualization-type': view.VirtualizationType,
  }
}

function refuseUnsupported(input: object): void {
  const asked = UNSUPPORTED.find((name) => Object.hasOwn(input, name))
  if (asked === undefined) return
  throw new Ec2Error('UnsupportedOperation', `Landfall does not support ${asked}; leave it out.`)
}

function noImage(id: string): Ec2Error {
  return new Ec2Error('InvalidAMIID.NotFound', `The image ID '${id}' does not exist.`)
}

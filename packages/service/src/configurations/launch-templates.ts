import type { Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { insertLaunchTemplate, setLaunchTemplateData } from '../ec2/launch-templates.ts'
import type { LaunchTemplateData } from '../ec2/tables.ts'
import type { LaunchTemplateSettings } from './settings.ts'

/** The instance type of a new launch template; used only where right sizing is off. */
export const INSTANCE_TYPE = 't3.small'

/** MGN's clients look for templates of this name. */
const NAME = 'created-and-used-by-application-migration-service'

interface Maker {
  /** ARN of who caused it. */
  readonly createdBy: string
  readonly now: Date
}

type Disks = readonly { readonly deviceName: string; readonly bytes: number }[]

/** Makes a launch configuration template's own EC2 launch template. Returns its ID. */
export async function createTemplatesLaunchTemplate(
  trx: Transaction<Schema>,
  templateID: string,
  settings: LaunchTemplateSettings,
  maker: Maker,
): Promise<string> {
  const { launch_template_id } = await insertLaunchTemplate(trx, {
    name: `${NAME}-${templateID}`,
    sourceServerID: null,
    data: { InstanceType: INSTANCE_TYPE, NetworkInterfaces: [networkInterface(settings)] },
    ...maker,
  })
  return launch_template_id
}

/**
 * Makes a source server's own EC2 launch template, with the members that MGN's clients edit in
 * place: a volume for each disk, the first network interface, tags of instance and volumes.
 */
export async function createServersLaunchTemplate(
  trx: Transaction<Schema>,
  server: {
    readonly sourceServerID: string
    /** For people. */
    readonly name: string
    readonly disks: Disks
  },
  settings: LaunchTemplateSettings,
  maker: Maker,
): Promise<void> {
  const tags = [{ Key: 'Name', Value: server.name }]
  await insertLaunchTemplate(trx, {
    name: `${NAME}-${server.sourceServerID}`,
    sourceServerID: server.sourceServerID,
    data: {
      InstanceType: INSTANCE_TYPE,
      BlockDeviceMappings: volumesOf(server.disks, settings),
      NetworkInterfaces: [networkInterface(settings)],
      TagSpecifications: ['instance', 'volume'].map((ResourceType) => ({
        ResourceType,
        Tags: tags,
      })),
    },
    ...maker,
  })
}

/** Gives the server's own launch template a volume for each disk that it has none for. */
export async function addDisksToLaunchTemplate(
  trx: Transaction<Schema>,
  server: { readonly sourceServerID: string; readonly disks: Disks },
  settings: LaunchTemplateSettings,
  maker: Maker,
): Promise<void> {
  await setLaunchTemplateData(trx, server.sourceServerID, maker, (data) => {
    const given = data.BlockDeviceMappings ?? []
    const all = volumesOf(server.disks, settings).map((made) => {
      const own = given.find((one) => one.DeviceName === made.DeviceName)
      return own === undefined ? made : { ...made, ...own, Ebs: { ...made.Ebs, ...own.Ebs } }
    })
    return { ...data, BlockDeviceMappings: all }
  })
}

function volumesOf(disks: Disks, settings: LaunchTemplateSettings) {
  return disks.map(({ deviceName, bytes }) => ({
    DeviceName: deviceName,
    Ebs: volume(settings, bytes),
  }))
}

function networkInterface(settings: LaunchTemplateSettings) {
  const { associatePublicIpAddress: AssociatePublicIpAddress } = settings
  return { DeviceIndex: 0, AssociatePublicIpAddress, DeleteOnTermination: true }
}

const GIB = 1024 ** 3

/** The volume of a disk, by the template's settings for small and for large ones. */
function volume(settings: LaunchTemplateSettings, bytes: number): LaunchTemplateVolume {
  const isSmall = bytes <= settings.smallVolumeMaxSize * GIB
  const { volumeType, iops, throughput } = isSmall
    ? settings.smallVolumeConf
    : settings.largeVolumeConf
  return {
    ...(volumeType !== undefined && { VolumeType: volumeType }),
    ...(iops !== undefined && { Iops: iops }),
    ...(throughput !== undefined && { Throughput: throughput }),
    DeleteOnTermination: true,
  }
}

type LaunchTemplateVolume = NonNullable<
  NonNullable<LaunchTemplateData['BlockDeviceMappings']>[number]['Ebs']
>

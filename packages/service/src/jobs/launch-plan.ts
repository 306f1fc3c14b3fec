import type { LaunchPlanInput, NetworkPlan } from '@landfall/launch'
import { INSTANCE_TYPE } from '../configurations/launch-templates.ts'
import type { Dependencies } from '../dependencies.ts'
import { serverLaunchTemplate } from '../ec2/launch-templates.ts'
import { tagsOf } from '../ec2/tags.ts'
import type { InstanceDisk } from '../instances/tables.ts'
import { readServer } from '../source-servers/records.ts'
import { recommendedType } from '../source-servers/source-server-view.ts'
import type { SourceServerRow } from '../source-servers/tables.ts'

/** What the launch settings of a server come to for one instance. */
export async function launchPlanFor(
  world: Dependencies,
  sourceServerID: string,
  instance: {
    readonly instanceID: string
    readonly disks: readonly InstanceDisk[]
    readonly network: NetworkPlan
  },
): Promise<LaunchPlanInput> {
  const server = await readServer(world.db, sourceServerID)
  const settings = server.launch_configuration
  const template = await serverLaunchTemplate(world.db, sourceServerID)
  return {
    instanceID: instance.instanceID,
    name: server.tags.Name ?? server.properties.identificationHints.hostname,
    instanceType:
      settings.targetInstanceTypeRightSizingMethod === 'BASIC'
        ? recommendedType(server.properties)
        : (template.InstanceType ?? INSTANCE_TYPE),
    firmware: firmwareOf(server),
    disks: bootDiskFirst(server, instance.disks),
    network: instance.network,
    tags: {
      ...(settings.copyTags ? server.tags : {}),
      ...tagsOf('instance', template.TagSpecifications),
    },
    start: settings.launchDisposition === 'STARTED',
    accelerator: world.instances.accelerator,
    host: world.instances.host,
  }
}

function firmwareOf({ launch_configuration: settings, properties }: SourceServerRow) {
  if (settings.bootMode === 'USE_SOURCE') return properties.firmware
  return settings.bootMode === 'UEFI' ? 'uefi' : 'bios'
}

function bootDiskFirst(server: SourceServerRow, disks: readonly InstanceDisk[]) {
  const boot = server.properties.disks.find((disk) => disk.isBootDisk)?.deviceName
  const isBoot = (disk: InstanceDisk) => disk.deviceName === boot
  return disks.toSorted((a, b) => Number(isBoot(b)) - Number(isBoot(a)))
}

import {
  createLaunchPlan,
  hostCut,
  instanceTypeNamed,
  launchPlanProblems,
  type LaunchPlan,
  type LaunchPlanInput,
  type NetworkPlan,
  type VolumeSettings,
} from '@landfall/launch'
import { LandfallError, MIB } from '@landfall/model'
import { bootModeProblem, firmwareOf } from '../configurations/boot-mode.ts'
import { INSTANCE_TYPE } from '../configurations/launch-templates.ts'
import type { Dependencies } from '../dependencies.ts'
import { serverLaunchTemplate } from '../ec2/launch-templates.ts'
import type { LaunchTemplateData } from '../ec2/tables.ts'
import { tagsOf } from '../ec2/tags.ts'
import type { InstanceDisk, Purpose } from '../instances/tables.ts'
import { readServer } from '../source-servers/records.ts'
import { coresOf, recommendedType } from '../source-servers/source-server-view.ts'
import type { SourceServerRow } from '../source-servers/tables.ts'
import { TAGS_MAX } from '../tags/tag-list.ts'
import { planOrRefusal } from './conversion-plan.ts'

/** What the launch settings of a server come to for one instance. */
export interface PlannedLaunch {
  readonly input: LaunchPlanInput
  /** Termination protection: the instance is not removed until somebody switches it off. */
  readonly isProtected: boolean
  /** Why it is this instance type, a sentence. */
  readonly typeReason: string
  /** Where the instance is less than was asked for, a sentence each. */
  readonly notes: readonly string[]
  /** Why it cannot be launched, a sentence each with the facts that contradict each other. */
  readonly problems: readonly string[]
}

interface Made {
  readonly instanceID: string
  readonly disks: readonly InstanceDisk[]
  readonly network?: NetworkPlan
  /** Why there is no network. */
  readonly refusal?: string
}

/** What a launch would make, before there is anything of it. */
interface Unmade {
  readonly purpose: Purpose
}

/** Plans the launch of an instance, also of one that is not converted yet. */
export async function planLaunch(
  world: Dependencies,
  sourceServerID: string,
  target: Made | Unmade,
): Promise<PlannedLaunch> {
  const server = await readServer(world.db, sourceServerID)
  const template = await serverLaunchTemplate(world.db, sourceServerID)
  const instance = 'purpose' in target ? await unconverted(world, server, target) : target
  const input = inputFor(world, server, template, instance)
  const problems = [
    instance.refusal,
    bootModeProblem(server.properties, server.launch_configuration.bootMode),
    tooManyTags(server, input),
    ...launchPlanProblems(input),
  ].filter((problem) => problem !== undefined)
  return {
    input,
    isProtected: template.DisableApiTermination === true,
    typeReason: typeReasonOf(server),
    notes: notesOf(world, server, input),
    problems:
      problems.length > 0 ? problems : await world.provider.problems(createLaunchPlan(input)),
  }
}

/** The plan of a launch that has no problem; else `validation` with all of them. */
export function requirePlan({ input, problems }: PlannedLaunch): LaunchPlan {
  if (problems.length > 0) throw new LandfallError('validation', problems.join(' '))
  return createLaunchPlan(input)
}

function inputFor(
  world: Dependencies,
  server: SourceServerRow,
  template: LaunchTemplateData,
  instance: Made,
): LaunchPlanInput {
  const { launch_configuration: settings, properties } = server
  return {
    instanceID: instance.instanceID,
    name: server.tags.Name ?? properties.identificationHints.hostname,
    instanceType: isRightSized(server)
      ? recommendedType(properties)
      : (template.InstanceType ?? INSTANCE_TYPE),
    firmware: firmwareOf(properties, settings.bootMode),
    secureBoot: properties.secureBoot ?? false,
    disks: bootDiskFirst(server, instance.disks).map((disk) => ({
      ...disk,
      volume: volumeOf(template, disk),
    })),
    ...(instance.network && { network: instance.network }),
    tags: instanceTags(server, template),
    start: settings.launchDisposition === 'STARTED',
    accelerator: world.instances.accelerator,
    host: world.instances.host,
  }
}

/** Before there is an instance: the source's disks, and an ID that no instance has. */
async function unconverted(
  world: Dependencies,
  { source_server_id: sourceServerID, properties }: SourceServerRow,
  { purpose }: Unmade,
): Promise<Made> {
  const disks = properties.disks.map(({ deviceName }) => ({ deviceName, path: '' }))
  const planned = await planOrRefusal(world, world.db, { sourceServerID, purpose })
  return { instanceID: `i-${'0'.repeat(17)}`, disks, ...planned }
}

function isRightSized({ launch_configuration: settings }: SourceServerRow): boolean {
  return settings.targetInstanceTypeRightSizingMethod === 'BASIC'
}

function typeReasonOf(server: SourceServerRow): string {
  if (server.properties.disks.length === 0) {
    return 'No agent has looked at the source yet: its size is not known.'
  }
  if (!isRightSized(server)) {
    return 'Right sizing is off: the type is the one of the launch template.'
  }
  return `Right sizing: the smallest of the c5, m5 and r5 types that has what the source has, ${sourceSize(server)}.`
}

function sourceSize({ properties }: SourceServerRow): string {
  return `${coresOf(properties)} CPUs and ${mebibytes(properties.ramBytes)} MiB of memory`
}

function notesOf(
  { instances }: Dependencies,
  server: SourceServerRow,
  { instanceType }: LaunchPlanInput,
): string[] {
  const type = instanceTypeNamed(instanceType)
  if (type === undefined) return []
  const { properties, launch_configuration: settings } = server
  const isSmaller =
    type.vcpus < coresOf(properties) || type.memoryMiB < mebibytes(properties.ramBytes)
  return [
    isRightSized(server) && isSmaller
      ? `No instance type is as large as the source, which has ${sourceSize(server)}; ${type.name} is the largest.`
      : undefined,
    hostCut(type, instances.host),
    settings.enableMapAutoTagging && settings.mapAutoTaggingMpeID === undefined
      ? 'MAP tagging is on without a mapAutoTaggingMpeID, so the instance has no tag map-migrated.'
      : undefined,
  ].filter((note) => note !== undefined)
}

/** The launch template's tags win over those that are copied from the server, as with MGN. */
function instanceTags(server: SourceServerRow, template: LaunchTemplateData) {
  const { copyTags, enableMapAutoTagging, mapAutoTaggingMpeID } = server.launch_configuration
  return {
    ...(copyTags ? server.tags : {}),
    ...(enableMapAutoTagging &&
      mapAutoTaggingMpeID !== undefined && { 'map-migrated': mapAutoTaggingMpeID }),
    ...tagsOf('instance', template.TagSpecifications),
  }
}

function tooManyTags(server: SourceServerRow, { tags }: LaunchPlanInput): string | undefined {
  const count = Object.keys(tags).length
  if (count <= TAGS_MAX) return undefined
  return (
    `The instance would have ${count} tags, of the launch template and (copyTags is ` +
    `${server.launch_configuration.copyTags}) of the source server, and can have ${TAGS_MAX}.`
  )
}

/** What the launch template says of the disk's volume. As with MGN, it can add no volume. */
function volumeOf(
  { BlockDeviceMappings = [] }: LaunchTemplateData,
  { deviceName }: InstanceDisk,
): VolumeSettings {
  const volume = BlockDeviceMappings.find(({ DeviceName }) => DeviceName === deviceName)?.Ebs
  const { VolumeType: volumeType, Iops: iops, Throughput: throughputMiBPerSecond } = volume ?? {}
  return {
    ...(volumeType !== undefined && { volumeType }),
    ...(iops !== undefined && { iops }),
    ...(throughputMiBPerSecond !== undefined && { throughputMiBPerSecond }),
  }
}

function bootDiskFirst(server: SourceServerRow, disks: readonly InstanceDisk[]) {
  const boot = server.properties.disks.find((disk) => disk.isBootDisk)?.deviceName
  const isBoot = (disk: InstanceDisk) => disk.deviceName === boot
  return disks.toSorted((a, b) => Number(isBoot(b)) - Number(isBoot(a)))
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / MIB)
}

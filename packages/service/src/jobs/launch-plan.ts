import {
  createLaunchPlan,
  hostCut,
  instanceSize,
  instanceTypeNamed,
  launchPlanProblems,
  type LaunchPlan,
  type LaunchPlanInput,
  type InstanceSize,
  type VolumeSettings,
} from '@landfall/launch'
import {
  LandfallError,
  MIB,
  type InstancePurpose,
  type NetworkPlan,
  type SourceProperties,
} from '@landfall/model'
import { bootModeProblem, firmwareOf } from '../configurations/boot-mode.ts'
import { INSTANCE_TYPE } from '../configurations/launch-templates.ts'
import type { Dependencies } from '../dependencies.ts'
import type { LaunchTemplateData } from '../ec2/tables.ts'
import { tagsOf } from '../ec2/tags.ts'
import type { InstanceDisk } from '../instances/tables.ts'
import { readServerToLaunch, type ServerToLaunch } from '../source-servers/launch-settings.ts'
import { coresOf, recommendedType } from '../source-servers/source-server-view.ts'
import { TAGS_MAX } from '../tags/tag-list.ts'
import { planOrRefusal } from './conversion-plan.ts'

/** What the launch settings of a server come to for one instance. */
export interface PlannedLaunch {
  readonly input: LaunchPlanInput
  /** Termination protection: the instance is not removed until somebody switches it off. */
  readonly isProtected: boolean
  /** Why it is this instance type, a sentence. */
  readonly typeReason: string
  /** What was asked for and what the host gives; absent where there is no such type. */
  readonly sizes?: { readonly asked: InstanceSize; readonly given: InstanceSize }
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
  readonly purpose: InstancePurpose
}

/** Plans the launch of an instance, also of one that is not converted yet. */
export async function planLaunch(
  world: Dependencies,
  sourceServerID: string,
  target: Made | Unmade,
): Promise<PlannedLaunch> {
  return await planLaunchOf(world, await readServerToLaunch(world.db, sourceServerID), target)
}

/** The same of a server whose launch settings were read. */
export async function planLaunchOf(
  world: Pick<Dependencies, 'instances' | 'networks' | 'provider'>,
  server: ServerToLaunch,
  target: Made | Unmade,
): Promise<PlannedLaunch> {
  const { properties, launch_configuration: settings, template } = server
  const instance = 'purpose' in target ? unconverted(world, server, target) : target
  const input = inputFor(world, server, instance)
  const problems = [
    instance.refusal,
    bootModeProblem(properties, settings.bootMode),
    tooManyTags(server, input),
    ...launchPlanProblems(input),
  ].filter((problem) => problem !== undefined)
  return {
    input,
    isProtected: template.DisableApiTermination === true,
    typeReason: typeReasonOf(server),
    ...sizesOf(world, server, input),
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
  world: Pick<Dependencies, 'instances'>,
  server: ServerToLaunch,
  instance: Made,
): LaunchPlanInput {
  const { launch_configuration: settings, properties, template } = server
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
    tags: instanceTags(server),
    start: settings.launchDisposition === 'STARTED',
    accelerator: world.instances.accelerator,
    host: world.instances.host,
  }
}

/** Before there is an instance: the source's disks, and an ID that no instance has. */
function unconverted(
  { networks }: Pick<Dependencies, 'networks'>,
  server: ServerToLaunch,
  { purpose }: Unmade,
): Made {
  const disks = server.properties.disks.map(({ deviceName }) => ({ deviceName, path: '' }))
  const planned = planOrRefusal(networks, server, purpose)
  return { instanceID: `i-${'0'.repeat(17)}`, disks, ...planned }
}

/** What was asked for: as much as the source has, or what the launch template's type has. */
function sizesOf(
  { instances }: Pick<Dependencies, 'instances'>,
  server: ServerToLaunch,
  { instanceType }: LaunchPlanInput,
): Pick<PlannedLaunch, 'sizes'> {
  const type = instanceTypeNamed(instanceType)
  if (type === undefined) return {}
  const { properties } = server
  const ofSource = { vcpus: coresOf(properties), memoryMiB: mebibytes(properties.ramBytes) }
  const asked = isRightSized(server) ? ofSource : instanceSize(type)
  return { sizes: { asked, given: instanceSize(type, instances.host) } }
}

function isRightSized({ launch_configuration: settings }: ServerToLaunch): boolean {
  return settings.targetInstanceTypeRightSizingMethod === 'BASIC'
}

function typeReasonOf(server: ServerToLaunch): string {
  if (server.properties.disks.length === 0) {
    return 'No agent has looked at the source yet: its size is not known.'
  }
  if (!isRightSized(server)) {
    return 'Right sizing is off: the type is the one of the launch template.'
  }
  return rightSizingReason(server.properties)
}

/** Why right sizing chooses what it does, a sentence. */
export function rightSizingReason(properties: SourceProperties): string {
  return `Right sizing: the smallest of the c5, m5 and r5 types that has what the source has, ${sourceSize(properties)}.`
}

function sourceSize(properties: SourceProperties): string {
  return `${coresOf(properties)} CPUs and ${mebibytes(properties.ramBytes)} MiB of memory`
}

function notesOf(
  { instances }: Pick<Dependencies, 'instances'>,
  server: ServerToLaunch,
  { instanceType }: LaunchPlanInput,
): string[] {
  const type = instanceTypeNamed(instanceType)
  if (type === undefined) return []
  const { properties, launch_configuration: settings } = server
  const isSmaller =
    type.vcpus < coresOf(properties) || type.memoryMiB < mebibytes(properties.ramBytes)
  return [
    isRightSized(server) && isSmaller
      ? `No instance type is as large as the source, which has ${sourceSize(properties)}; ${type.name} is the largest.`
      : undefined,
    hostCut(type, instances.host),
    settings.enableMapAutoTagging && settings.mapAutoTaggingMpeID === undefined
      ? 'MAP tagging is on without a mapAutoTaggingMpeID, so the instance has no tag map-migrated.'
      : undefined,
  ].filter((note) => note !== undefined)
}

/** The launch template's tags win over those that are copied from the server, as with MGN. */
function instanceTags({ tags, launch_configuration: settings, template }: ServerToLaunch) {
  const { copyTags, enableMapAutoTagging, mapAutoTaggingMpeID } = settings
  return {
    ...(copyTags ? tags : {}),
    ...(enableMapAutoTagging &&
      mapAutoTaggingMpeID !== undefined && { 'map-migrated': mapAutoTaggingMpeID }),
    ...tagsOf('instance', template.TagSpecifications),
  }
}

function tooManyTags(server: ServerToLaunch, { tags }: LaunchPlanInput): string | undefined {
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

function bootDiskFirst(server: ServerToLaunch, disks: readonly InstanceDisk[]) {
  const boot = server.properties.disks.find((disk) => disk.isBootDisk)?.deviceName
  const isBoot = (disk: InstanceDisk) => disk.deviceName === boot
  return disks.toSorted((a, b) => Number(isBoot(b)) - Number(isBoot(a)))
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / MIB)
}

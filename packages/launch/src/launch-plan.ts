import { createHash } from 'node:crypto'
import { LandfallError, MIB, isId, type NetworkPlan } from '@landfall/model'
import type { Accelerator } from './accelerator.ts'
import { instanceTypeNamed, type InstanceType } from './instance-types.ts'
import { plannedSettings } from './network/network-plan.ts'
import { nicNetwork, type NicNetwork } from './network/target-network.ts'
import type { InstanceDisk } from './provider.ts'
import { diskHintsOf, volumeProblems, type DiskHints, type VolumeSettings } from './volume-hints.ts'

export type Firmware = 'bios' | 'uefi'

/** Everything a provider needs to know to launch one instance. */
export interface LaunchPlan {
  readonly instanceID: string
  /** For people; any text. */
  readonly name: string
  readonly instanceType: string
  readonly vcpus: number
  readonly memoryMiB: number
  readonly firmware: Firmware
  /** The firmware runs only boot loaders that are signed. Never with BIOS. */
  readonly secureBoot: boolean
  /** qcow2 files, the boot disk first. */
  readonly disks: readonly LaunchDisk[]
  readonly nics: readonly { readonly mac: string; readonly network: NicNetwork }[]
  readonly tags: Readonly<Record<string, string>>
  /** False: the instance is made and stays stopped (launch disposition STOPPED). */
  readonly start: boolean
  readonly accelerator: Accelerator
}

export interface LaunchDisk extends InstanceDisk {
  readonly hints: DiskHints
}

export interface LaunchPlanInput {
  readonly instanceID: string
  readonly name: string
  readonly instanceType: string
  readonly firmware: Firmware
  /** Whether the source server's firmware did so. Default false. */
  readonly secureBoot?: boolean
  readonly disks: readonly (InstanceDisk & { readonly volume?: VolumeSettings })[]
  /** Absent: a `user` network as QEMU makes it. */
  readonly network?: NetworkPlan
  readonly tags: Readonly<Record<string, string>>
  readonly start: boolean
  readonly accelerator: Accelerator
  /** What this host can give at most; the plan's CPUs and memory are cut to it. Absent: no cut. */
  readonly host?: HostSize
}

export interface HostSize {
  readonly cpus: number
  readonly ramBytes: number
}

/** Share of the host's memory that one instance may take: the service and QEMU need the rest. */
const HOST_MEMORY_SHARE = 0.5

/** Less does not boot a present-day server distribution. */
const MEMORY_MIB_MIN = 512

/** Turns launch settings into a plan. `validation`, with all its problems, when there are any. */
export function createLaunchPlan(input: LaunchPlanInput): LaunchPlan {
  const problems = launchPlanProblems(input)
  const type = instanceTypeNamed(input.instanceType)
  if (type === undefined || problems.length > 0) {
    throw new LandfallError('validation', problems.join(' '))
  }
  return {
    instanceID: input.instanceID,
    name: input.name,
    instanceType: type.name,
    ...instanceSize(type, input.host),
    firmware: input.firmware,
    secureBoot: input.firmware === 'uefi' && (input.secureBoot ?? false),
    disks: input.disks.map(({ volume = {}, ...disk }) => ({ ...disk, hints: diskHintsOf(volume) })),
    nics: [{ mac: macAddressOf(input.instanceID), network: nicOf(input.network) }],
    tags: input.tags,
    start: input.start,
    accelerator: input.accelerator,
  }
}

function nicOf(plan: NetworkPlan | undefined): NicNetwork {
  return plan === undefined ? { kind: 'user' } : nicNetwork(plan.network, plannedSettings(plan))
}

/** Why `createLaunchPlan` would refuse it, a sentence each; empty when it would not. */
export function launchPlanProblems(input: LaunchPlanInput): string[] {
  const problems = input.disks.flatMap(({ deviceName, volume = {} }) =>
    volumeProblems(deviceName, volume),
  )
  if (instanceTypeNamed(input.instanceType) === undefined) {
    problems.unshift(
      `There is no instance type ${input.instanceType}. Choose one of c5, m5, r5 or t3.`,
    )
  }
  return problems
}

export type InstanceSize = Pick<LaunchPlan, 'vcpus' | 'memoryMiB'>

/** vCPUs and memory of an instance of the type, as far as the host can give them. */
export function instanceSize(type: InstanceType, host?: HostSize): InstanceSize {
  if (host === undefined) return { vcpus: type.vcpus, memoryMiB: type.memoryMiB }
  const memoryMax = Math.floor((host.ramBytes / MIB) * HOST_MEMORY_SHARE)
  return {
    vcpus: Math.max(1, Math.min(type.vcpus, host.cpus)),
    memoryMiB: Math.max(MEMORY_MIB_MIN, Math.min(type.memoryMiB, memoryMax)),
  }
}

/** A sentence where the host gives less than the type has; undefined where it gives all. */
export function hostCut(type: InstanceType, host: HostSize): string | undefined {
  const { vcpus, memoryMiB } = instanceSize(type, host)
  if (vcpus >= type.vcpus && memoryMiB >= type.memoryMiB) return undefined
  return (
    `${type.name} has ${type.vcpus} vCPUs and ${type.memoryMiB} MiB of memory; this host gives ` +
    `${vcpus} and ${memoryMiB} MiB (all of its CPUs and half of its memory at most).`
  )
}

/**
 * The address of the instance's first network interface: always the same for an instance ID, so
 * that the conversion can name the interface before the instance exists. 52:54:00 is QEMU's prefix.
 */
export function macAddressOf(instanceID: string): string {
  if (!isId('instance', instanceID)) throw new Error(`${instanceID} is not an instance ID`)
  const digest = createHash('sha256').update(`nic-0:${instanceID}`).digest('hex')
  return ['52', '54', '00', digest.slice(0, 2), digest.slice(2, 4), digest.slice(4, 6)].join(':')
}

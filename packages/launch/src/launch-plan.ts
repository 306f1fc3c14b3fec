import { createHash } from 'node:crypto'
import { LandfallError, MIB, isId } from '@landfall/model'
import type { Accelerator } from './accelerator.ts'
import { instanceTypeNamed } from './instance-types.ts'
import { plannedSettings, type NetworkPlan } from './network/network-plan.ts'
import { nicNetwork, type NicNetwork } from './network/target-network.ts'
import type { InstanceDisk } from './provider.ts'

/** Everything a provider needs to know to launch one instance. */
export interface LaunchPlan {
  readonly instanceID: string
  /** For people; any text. */
  readonly name: string
  readonly instanceType: string
  readonly vcpus: number
  readonly memoryMiB: number
  readonly firmware: 'bios'
  /** qcow2 files, the boot disk first. */
  readonly disks: readonly InstanceDisk[]
  readonly nics: readonly { readonly mac: string; readonly network: NicNetwork }[]
  readonly tags: Readonly<Record<string, string>>
  /** False: the instance is made and stays stopped (launch disposition STOPPED). */
  readonly start: boolean
  readonly accelerator: Accelerator
}

export interface LaunchPlanInput {
  readonly instanceID: string
  readonly name: string
  readonly instanceType: string
  readonly firmware: 'bios' | 'uefi'
  readonly disks: readonly InstanceDisk[]
  /** Absent: a `user` network as QEMU makes it. */
  readonly network?: NetworkPlan
  readonly tags: Readonly<Record<string, string>>
  readonly start: boolean
  readonly accelerator: Accelerator
  /** What this host can give at most; the plan's CPUs and memory are cut to it. Absent: no cut. */
  readonly host?: { readonly cpus: number; readonly ramBytes: number }
}

/** Share of the host's memory that one instance may take: the service and QEMU need the rest. */
const HOST_MEMORY_SHARE = 0.5

/** Less does not boot a present-day server distribution. */
const MEMORY_MIB_MIN = 512

/** Turns launch settings into a plan. `validation` when they cannot be carried out here. */
export function createLaunchPlan(input: LaunchPlanInput): LaunchPlan {
  if (input.firmware !== 'bios') {
    throw new LandfallError(
      'validation',
      'The source server boots with UEFI, which cannot be launched yet. Only BIOS servers can.',
    )
  }
  const type = instanceTypeNamed(input.instanceType)
  if (type === undefined) {
    const message = `There is no instance type ${input.instanceType}. Choose one of c5, m5, r5 or t3.`
    throw new LandfallError('validation', message)
  }
  const cpusMax = input.host?.cpus ?? type.vcpus
  const hostMiB = input.host === undefined ? type.memoryMiB : input.host.ramBytes / MIB
  const memoryMax = input.host === undefined ? hostMiB : Math.floor(hostMiB * HOST_MEMORY_SHARE)
  return {
    instanceID: input.instanceID,
    name: input.name,
    instanceType: type.name,
    vcpus: Math.max(1, Math.min(type.vcpus, cpusMax)),
    memoryMiB: Math.max(MEMORY_MIB_MIN, Math.min(type.memoryMiB, memoryMax)),
    firmware: 'bios',
    disks: input.disks,
    nics: [{ mac: macAddressOf(input.instanceID), network: nicOf(input.network) }],
    tags: input.tags,
    start: input.start,
    accelerator: input.accelerator,
  }
}

function nicOf(plan: NetworkPlan | undefined): NicNetwork {
  return plan === undefined ? { kind: 'user' } : nicNetwork(plan.network, plannedSettings(plan))
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

import type { LaunchPurpose } from './instances.ts'
import type { NetworkPlan } from './network-plan.ts'

/** What a launch would make of a source server now: GetLaunchPlan's answer. */
export interface LaunchPlanView {
  readonly sourceServerID: string
  readonly purpose: LaunchPurpose
  readonly name: string
  readonly instanceType: string
  readonly typeReason: string
  /** Absent where there is no such type. */
  readonly vcpus?: number
  readonly memoryMiB?: number
  /** Also where it is off; absent until an agent has looked at the source. */
  readonly rightSizing?: { readonly instanceType: string; readonly reason: string }
  readonly firmware: 'bios' | 'uefi'
  readonly secureBoot: boolean
  readonly disks: readonly PlannedDisk[]
  /** Absent where it cannot be planned; a problem says why. */
  readonly network?: NetworkPlan
  readonly tags: Readonly<Record<string, string>>
  readonly start: boolean
  readonly terminationProtection: boolean
  /** Instances that the launch would remove first. */
  readonly removes: readonly string[]
  /** Where the instance is less than was asked for, a sentence each. */
  readonly notes: readonly string[]
  /** Why it cannot be launched at this moment; one of the problems. */
  readonly refusal?: string
  readonly problems: readonly string[]
}

export interface PlannedDisk {
  readonly deviceName: string
  readonly bytes: number
  readonly volumeType?: string
  readonly iopsMax?: number
  readonly bytesPerSecondMax?: number
  readonly hasOwnThread?: true
}

/** For people. */
export function firmwareText(plan: Pick<LaunchPlanView, 'firmware' | 'secureBoot'>): string {
  if (plan.firmware === 'bios') return 'BIOS'
  return `UEFI, Secure Boot ${plan.secureBoot ? 'on' : 'off'}`
}

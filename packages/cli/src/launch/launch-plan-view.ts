import type { NetworkPlan } from '@landfall/launch'
import { MIB } from '@landfall/model'
import { formatBytes, formatTable } from '../table.ts'
import { networkPlanText } from './network-plan-view.ts'

/** What the service says that a launch would make of a source server now. */
export interface LaunchPlanView {
  readonly sourceServerID: string
  readonly purpose: 'TEST' | 'CUTOVER'
  readonly name: string
  readonly instanceType: string
  readonly typeReason: string
  /** Absent where there is no such type. */
  readonly vcpus?: number
  readonly memoryMiB?: number
  readonly firmware: 'bios' | 'uefi'
  readonly secureBoot: boolean
  readonly disks: readonly LaunchDiskView[]
  /** Absent where it cannot be planned; a problem says why. */
  readonly network?: NetworkPlan
  readonly tags: Readonly<Record<string, string>>
  readonly start: boolean
  readonly terminationProtection: boolean
  /** Instances that the launch would remove first. */
  readonly removes: readonly string[]
  readonly notes: readonly string[]
  readonly problems: readonly string[]
}

interface LaunchDiskView {
  readonly deviceName: string
  readonly bytes: number
  readonly volumeType?: string
  readonly iopsMax?: number
  readonly bytesPerSecondMax?: number
  readonly hasOwnThread?: true
}

/** The plan for a person: the instance section by section, then what stands against it. */
export function describeLaunchPlan(plan: LaunchPlanView): string {
  return [
    describeInstanceOf(plan),
    diskTable(plan.disks),
    ...(plan.network ? [`In the ${networkPlanText(plan.network)}`] : []),
    ...section('Note         ', plan.notes),
    ...section('Refused      ', plan.problems),
    ...(plan.problems.length > 0 ? [] : ['Nothing would refuse this launch.']),
  ].join('\n\n')
}

function describeInstanceOf(plan: LaunchPlanView): string {
  const { vcpus = '-', memoryMiB } = plan
  const memory = memoryMiB === undefined ? '-' : formatBytes(memoryMiB * MIB)
  const tags = Object.entries(plan.tags).map(([key, value]) => `${key}=${value}`)
  return [
    `Launches     a ${plan.purpose === 'TEST' ? 'test' : 'cutover'} instance of ${plan.sourceServerID}`,
    `Name         ${plan.name}`,
    `Type         ${plan.instanceType}: ${vcpus} vCPUs, ${memory} of memory`,
    `             ${plan.typeReason}`,
    `Firmware     ${firmwareText(plan)}`,
    `Afterwards   ${plan.start ? 'started' : 'stopped'}`,
    `Protected    ${plan.terminationProtection ? 'from termination' : 'no'}`,
    `Tags         ${tags.join(', ') || '-'}`,
    `Removes      ${plan.removes.join(', ') || '-'}`,
  ].join('\n')
}

function firmwareText({ firmware, secureBoot }: LaunchPlanView): string {
  if (firmware === 'bios') return 'BIOS'
  return `UEFI, Secure Boot ${secureBoot ? 'on' : 'off'}`
}

function diskTable(disks: readonly LaunchDiskView[]): string {
  return formatTable(
    ['DISK', 'SIZE', 'VOLUME TYPE', 'IOPS', 'THROUGHPUT', 'I/O THREAD'],
    disks.map((disk) => [
      disk.deviceName,
      formatBytes(disk.bytes),
      disk.volumeType ?? '-',
      disk.iopsMax === undefined ? 'no limit' : `at most ${disk.iopsMax}`,
      disk.bytesPerSecondMax === undefined
        ? 'no limit'
        : `at most ${formatBytes(disk.bytesPerSecondMax)}/s`,
      disk.hasOwnThread ? 'its own' : 'shared',
    ]),
  )
}

function section(label: string, sentences: readonly string[]): string[] {
  return sentences.map((sentence) => label + sentence)
}

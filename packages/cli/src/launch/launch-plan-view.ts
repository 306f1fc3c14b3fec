import { firmwareText, type LaunchPlanView, MIB, type PlannedDisk } from '@landfall/model'
import { formatBytes, formatTable } from '../table.ts'
import { networkPlanText } from './network-plan-view.ts'

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

function diskTable(disks: readonly PlannedDisk[]): string {
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

import type { FirstBoot } from './jobs.ts'
import type { NetworkPlan } from './network-plan.ts'

/** What an operator launches an instance for. */
export type LaunchPurpose = 'TEST' | 'CUTOVER'

/** What an instance is launched for; a rehearsal's is removed as soon as it has booted, or not. */
export type InstancePurpose = LaunchPurpose | 'REHEARSAL'

/**
 * `pending`: being launched. `terminated`: it does not exist (any more); what never existed looks
 * the same, because who runs instances keeps no history.
 */
export type InstanceState = 'pending' | 'running' | 'stopped' | 'terminated'

/** What is done to instances; but for the screen named as EC2's operations. */
export const INSTANCE_ACTIONS = [
  'StartInstances',
  'StopInstances',
  'RebootInstances',
  'TerminateInstances',
  'CreateImage',
  'OpenInstanceScreen',
] as const

export type InstanceAction = (typeof INSTANCE_ACTIONS)[number]

/** Why actions would be refused now, a sentence each; what is not in it is possible. */
export type InstanceRefusals = Partial<Readonly<Record<InstanceAction, string>>>

/** A row of SearchInstances; moments are ISO 8601 in UTC. */
export interface InstanceView {
  readonly instanceID: string
  readonly sourceServerID: string
  /** Absent: the server was deleted. */
  readonly sourceServerName?: string
  readonly jobID: string
  readonly purpose: InstancePurpose
  readonly state: InstanceState
  /** In the words of who runs it. */
  readonly detail?: string
  readonly firstBoot: FirstBoot
  readonly firstBootDateTime?: string
  readonly hostname?: string
  readonly instanceType?: string
  readonly createdDateTime: string
  readonly pointTakenDateTime?: string
  readonly terminationProtection: boolean
  readonly refusals: InstanceRefusals
}

/** Of one disk of an instance. */
export interface DiskChanges {
  /** As the source calls it. */
  readonly deviceName: string
  /**
   * The clusters of 64 KiB that the instance has written since its launch: it is at least what
   * changed.
   */
  readonly writtenBytes: number
}

/** DescribeInstanceChanges' answer: what is lost when it is terminated. */
export interface InstanceChanges {
  readonly instanceID: string
  readonly disks: readonly DiskChanges[]
}

/** DescribeInstance's answer. */
export interface InstanceDetails extends InstanceView {
  /** Its disks need nothing of the staging area any more. */
  readonly independent: boolean
  readonly firmware: 'bios' | 'uefi'
  /** Where it is less than was asked for, a sentence each. */
  readonly notes: readonly string[]
  readonly disks: readonly { readonly deviceName: string; readonly path: string }[]
  /** Absent before it is known, and of an instance of before networks were planned. */
  readonly network?: NetworkPlan
  /** Where what it printed, and what its screen showed last, are on the service's machine. */
  readonly serialLogPath: string
  readonly screenshotPath: string
}

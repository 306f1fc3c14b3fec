import type { FirstBoot } from '@landfall/model'

/** What is done to instances; the service says why it would be refused. */
export type InstanceAction =
  | 'StartInstances'
  | 'StopInstances'
  | 'RebootInstances'
  | 'TerminateInstances'
  | 'CreateImage'
  | 'OpenInstanceScreen'

export type InstanceState = 'pending' | 'running' | 'stopped' | 'terminated'

/** A row of SearchInstances; moments are ISO 8601 in UTC. */
export interface Instance {
  readonly instanceID: string
  readonly sourceServerID: string
  /** Absent: the server was deleted. */
  readonly sourceServerName?: string
  readonly jobID: string
  readonly purpose: 'TEST' | 'CUTOVER' | 'REHEARSAL'
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
  readonly refusals: Partial<Readonly<Record<InstanceAction, string>>>
}

/** DescribeInstance's answer. */
export interface InstanceDetails extends Instance {
  /** Its disks need nothing of the staging area any more. */
  readonly independent: boolean
  readonly firmware: 'bios' | 'uefi'
  /** Where it is less than was asked for, a sentence each. */
  readonly notes: readonly string[]
  readonly disks: readonly { readonly deviceName: string; readonly path: string }[]
}

import type { InstanceStepResult } from './instance-commands.ts'
import type { InstancePurpose } from './instances.ts'

/** How a post-launch action stands on one instance. */
export const ACTION_RUN_STATES = ['WAITING', 'RUNNING', 'SUCCEEDED', 'FAILED'] as const

export type ActionRunState = (typeof ACTION_RUN_STATES)[number]

/** One action on one instance, as ListActionRuns shows it. */
export interface ActionRunView {
  readonly actionID: string
  readonly actionName: string
  readonly documentIdentifier: string
  readonly order: number
  readonly mustSucceedForCutover: boolean
  readonly state: ActionRunState
  /** 1, and one more with each rerun. */
  readonly attempt: number
  /** The SSM command that ran it last. */
  readonly commandID?: string
  /** The image that it made last, or makes. */
  readonly imageID?: string
  readonly failureReason?: string
  readonly startedAt?: string
  readonly endedAt?: string
  /** What the command's steps wrote. */
  readonly steps: readonly InstanceStepResult[]
}

/** What became of a server's post-launch actions on the instance that was launched last. */
export interface ActionRunsView {
  readonly sourceServerID: string
  readonly instanceID: string
  readonly purpose: InstancePurpose
  /** The agent removed itself from the instance then. */
  readonly agentRemovedAt?: string
  readonly runs: readonly ActionRunView[]
}

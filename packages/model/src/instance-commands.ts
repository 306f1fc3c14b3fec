/**
 * What the agent within a launched instance says to the service and hears from it. Each call has
 * the instance's token, which is all that an instance can prove itself by.
 */
export interface InstanceProof {
  readonly instanceID: string
  readonly token: string
}

/** The instance by its own word. */
export interface InstanceFacts {
  readonly agentVersion: string
  /** From os-release: `Debian GNU/Linux` and `12`. */
  readonly platformName: string
  readonly platformVersion: string
  readonly computerName: string
  /** Absent without a network. */
  readonly ipAddress?: string
}

/**
 * GetInstanceCommandForMgn: a long poll. It is answered at once with what the agent does not have
 * yet, so that what an answer that was lost had is told again.
 */
export interface InstancePoll extends InstanceProof {
  readonly waitSeconds: number
  readonly facts: InstanceFacts
  /** Commands that the agent has, and whose end the service has not taken yet. */
  readonly running: readonly string[]
  /** Those of them that it knows to be cancelled. */
  readonly cancelling: readonly string[]
}

export interface InstancePollAnswer {
  readonly commands: readonly InstanceCommand[]
  /** IDs of commands to be stopped. */
  readonly cancelled: readonly string[]
  /** The instance is the migrated server now: the agent is to remove itself from it. */
  readonly uninstall?: true
}

export interface InstanceCommand {
  readonly commandID: string
  readonly steps: readonly InstanceStep[]
}

/** A shell script, with every parameter in its place. */
export interface InstanceStep {
  readonly name: string
  readonly script: string
  readonly workingDirectory?: string
  readonly timeoutSeconds: number
  /** Its precondition does not hold: it counts as done. */
  readonly isSkipped?: boolean
  /** What its failure does to the steps after it; absent: they are run, and the command fails. */
  readonly onFailure?: 'exit' | 'successAndExit'
  /** Run although a step before it has ended the command. */
  readonly isFinally?: boolean
}

export const STEP_STATUSES = ['Success', 'Failed', 'TimedOut', 'Cancelled'] as const

export type StepStatus = (typeof STEP_STATUSES)[number]

export interface InstanceStepResult {
  readonly name: string
  readonly status: StepStatus
  /** Of the script, or 128 and the signal that ended it; -1 when we ended it. */
  readonly exitStatus: number
  /** ISO 8601, by the instance's clock. */
  readonly startedAt: string
  readonly endedAt: string
  /** The beginning of what it wrote; at most STDOUT_CHARACTERS_MAX, STDERR_CHARACTERS_MAX. */
  readonly stdout: string
  readonly stderr: string
}

/** SendInstanceCommandResultForMgn: said until it is taken; the first counts. */
export interface InstanceCommandResult {
  readonly commandID: string
  readonly status: StepStatus
  /** Why it ended so, where the steps do not say it. */
  readonly trace?: string
  /** Those that were begun, or skipped. */
  readonly steps: readonly InstanceStepResult[]
}

/** SSM's own limits of what is kept of a step's output. */
export const STDOUT_CHARACTERS_MAX = 24_000
export const STDERR_CHARACTERS_MAX = 8000
/** Of all steps of a command: a result fits into one request then, however it is escaped. */
export const OUTPUT_CHARACTERS_MAX = 120_000

/** SSM's agent runs as many side by side. */
export const COMMANDS_AT_ONCE_MAX = 5

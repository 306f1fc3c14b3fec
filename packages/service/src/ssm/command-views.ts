import { isEnded, type InstanceStepResult, type InvocationStatus } from '@landfall/model'
import type { SecretBox } from '../identity/secret-box.ts'
import { SsmError } from './ssm-error.ts'
import type { CommandState } from './command-status.ts'
import type { InvocationOfCommand, ListedCommand } from './commands.ts'
import { parametersLabel } from './new-command.ts'

/** SSM's limit of a step's output in a list. */
const LISTED_CHARACTERS_MAX = 2500

/** The one plugin, by whose name a step may be called where there is only one. */
const PLUGIN = 'aws:runShellScript'

/** Of a script that has not ended by itself. */
const NO_EXIT_STATUS = -1

/** SSM's Command. */
export function viewCommand(
  command: ListedCommand,
  state: CommandState,
  secretBox: SecretBox,
): object {
  const { command_id: commandID, targets, comment } = command
  const sealed = secretBox.open(command.sealed_parameters, parametersLabel(commandID))
  return {
    CommandId: commandID,
    DocumentName: command.document_name,
    DocumentVersion: command.document_version,
    ...(comment !== null && { Comment: comment }),
    ExpiresAfter: command.expires_at,
    Parameters: JSON.parse(sealed) as object,
    InstanceIds: command.instance_ids,
    Targets: targets,
    RequestedDateTime: command.requested_at,
    MaxConcurrency: command.max_concurrency,
    MaxErrors: command.max_errors,
    TimeoutSeconds: command.timeout_seconds,
    ...state,
  }
}

/** SSM's CommandInvocation, with its steps where they are asked for. */
export function viewInvocation(invocation: InvocationOfCommand, hasDetails: boolean): object {
  const { instance_name: name } = invocation
  return {
    ...identify(invocation),
    ...(name !== null && { InstanceName: name }),
    RequestedDateTime: invocation.requested_at,
    TraceOutput: (invocation.trace ?? '').slice(0, LISTED_CHARACTERS_MAX),
    CommandPlugins: hasDetails
      ? invocation.step_names.map((step) => viewStep(invocation, step))
      : [],
  }
}

function viewStep(invocation: InvocationOfCommand, name: string): object {
  const result = invocation.steps.find((step) => step.name === name)
  const status = result?.status ?? statusWithoutResult(invocation)
  return {
    Name: name,
    Status: status,
    StatusDetails: status === 'TimedOut' ? 'ExecutionTimedOut' : status,
    ResponseCode: result?.exitStatus ?? NO_EXIT_STATUS,
    ...(result !== undefined && {
      ResponseStartDateTime: new Date(result.startedAt),
      ResponseFinishDateTime: new Date(result.endedAt),
      Output: outputOf(result),
    }),
  }
}

function outputOf({ stdout, stderr }: InstanceStepResult): string {
  const both = stderr === '' ? stdout : `${stdout}\n----------ERROR-------\n${stderr}`
  return both.slice(0, LISTED_CHARACTERS_MAX).toWellFormed()
}

/** Of a step that the agent has told nothing of: it may never come to it. */
function statusWithoutResult({ status, steps }: InvocationOfCommand): InvocationStatus {
  if (status === 'Cancelling') return 'InProgress'
  return isEnded(status) && steps.length > 0 ? 'Cancelled' : status
}

/** SSM's answer about one step on one instance; of several steps it wants to know which. */
export function viewResult(invocation: InvocationOfCommand, plugin: string | undefined): object {
  const name = stepNamed(invocation.step_names, plugin)
  const result = invocation.steps.find((step) => step.name === name)
  return {
    ...identify(invocation),
    ...(name !== undefined && { PluginName: name }),
    ResponseCode: result?.exitStatus ?? NO_EXIT_STATUS,
    ExecutionStartDateTime: result?.startedAt ?? '',
    ExecutionElapsedTime: result === undefined ? '' : elapsed(result),
    ExecutionEndDateTime: result?.endedAt ?? '',
    StandardOutputContent: result?.stdout ?? '',
    StandardErrorContent: result?.stderr ?? invocation.trace ?? '',
  }
}

function stepNamed(names: readonly string[], plugin: string | undefined): string | undefined {
  const only = names.length === 1 ? names[0] : undefined
  if (plugin === undefined || (plugin === PLUGIN && only !== undefined)) return only
  if (names.includes(plugin)) return plugin
  throw new SsmError(
    'InvalidPluginName',
    `The command has no step ${plugin}; it has ${names.join(', ')}.`,
  )
}

function identify(invocation: InvocationOfCommand) {
  const { comment } = invocation
  return {
    CommandId: invocation.command_id,
    InstanceId: invocation.instance_id,
    ...(comment !== null && { Comment: comment }),
    DocumentName: invocation.document_name,
    DocumentVersion: invocation.document_version,
    Status: invocation.status,
    StatusDetails: invocation.status_details,
  }
}

/** ISO 8601's way to say how long: `PT1.5S`. */
function elapsed({ startedAt, endedAt }: InstanceStepResult): string {
  return `PT${Math.max(0, Date.parse(endedAt) - Date.parse(startedAt)) / 1000}S`
}

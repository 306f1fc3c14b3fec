import { isEnded, type InvocationStatus } from '@landfall/model'

/** What the status of a command follows from. */
export interface InvocationState {
  readonly status: InvocationStatus
  readonly status_details: string
}

export interface CommandState {
  readonly Status: InvocationStatus
  readonly StatusDetails: string
  readonly TargetCount: number
  readonly CompletedCount: number
  readonly ErrorCount: number
  readonly DeliveryTimedOutCount: number
}

/** Failures that were not the command's own do not count against its limit of errors. */
function isError({ status, status_details: details }: InvocationState): boolean {
  return (
    (status === 'Failed' && details !== 'Undeliverable') ||
    (status === 'TimedOut' && details === 'ExecutionTimedOut')
  )
}

export function countErrors(invocations: readonly InvocationState[]): number {
  return invocations.filter(isError).length
}

/** A number as it is, or so many percent of the instances; at least `least`. */
export function limitOf(text: string, count: number, least: 0 | 1): number {
  const number = Number.parseInt(text, 10)
  return Math.max(least, text.endsWith('%') ? Math.floor((count * number) / 100) : number)
}

/** What became of a command on all its instances together. */
export function commandState(
  invocations: readonly InvocationState[],
  maxErrors: string,
): CommandState {
  const [Status, StatusDetails] = overallStatus(invocations, maxErrors)
  return {
    Status,
    StatusDetails,
    TargetCount: invocations.length,
    CompletedCount: invocations.filter(({ status }) => isEnded(status)).length,
    ErrorCount: countErrors(invocations),
    DeliveryTimedOutCount: invocations.filter((one) => one.status_details === 'DeliveryTimedOut')
      .length,
  }
}

function overallStatus(
  invocations: readonly InvocationState[],
  maxErrors: string,
): [InvocationStatus, string] {
  if (invocations.length === 0) return ['Success', 'NoInstancesInTag']
  const every = (is: (one: InvocationState) => boolean) => invocations.every(is)
  const some = (is: (one: InvocationState) => boolean) => invocations.some(is)
  if (every(({ status }) => status === 'Pending')) return ['Pending', 'Pending']
  if (some(({ status }) => status === 'Cancelling')) return ['Cancelling', 'Cancelling']
  if (some(({ status }) => !isEnded(status))) return ['InProgress', 'InProgress']
  const bad = invocations.filter(({ status }) => status !== 'Success')
  if (bad.length === 0) return ['Success', 'Success']
  const errors = bad.filter(isError)
  if (errors.length > limitOf(maxErrors, invocations.length, 0)) {
    const isLate = errors.every(({ status }) => status === 'TimedOut')
    return isLate ? ['TimedOut', 'ExecutionTimedOut'] : ['Failed', 'Failed']
  }
  if (some((one) => one.status_details === 'Cancelled')) return ['Cancelled', 'Cancelled']
  if (every((one) => one.status_details === 'DeliveryTimedOut')) {
    return ['TimedOut', 'DeliveryTimedOut']
  }
  return ['Failed', 'Incomplete']
}

/**
 * The life of one command on one instance, as one table in SSM's words. Nothing else in the project
 * decides which move is legal.
 */
export const INVOCATION_STATUSES = [
  'Pending',
  'InProgress',
  'Cancelling',
  'Success',
  'Cancelled',
  'Failed',
  'TimedOut',
] as const

export type InvocationStatus = (typeof INVOCATION_STATUSES)[number]

export const INVOCATION_EVENTS = [
  /** The instance's agent was told. */
  'Delivered',
  /** CancelCommand. */
  'CancelAsked',
  /** The agent's word on how it ended. */
  'Succeeded',
  'Failed',
  'TimedOut',
  'Cancelled',
  /** The agent did not ask in time. */
  'NotDelivered',
  /** The agent asked, and told no end in time. */
  'NotEnded',
  /** The instance was terminated. */
  'InstanceGone',
  /** Too many other instances failed at the same command. */
  'ErrorsExceeded',
] as const

export type InvocationEvent = (typeof INVOCATION_EVENTS)[number]

export interface InvocationTransition {
  readonly event: InvocationEvent
  readonly from: readonly InvocationStatus[]
  readonly to: InvocationStatus
  /** SSM's StatusDetails, which say more. */
  readonly details: string
}

/** Where the agent has it. An agent may be done before it hears that it should stop. */
const BEGUN = ['InProgress', 'Cancelling'] as const satisfies readonly InvocationStatus[]

/** Each row is tested; what is not in a row is illegal. No row leaves the last four statuses. */
export const INVOCATION_TRANSITIONS: readonly InvocationTransition[] = [
  { event: 'Delivered', from: ['Pending'], to: 'InProgress', details: 'InProgress' },
  { event: 'CancelAsked', from: ['Pending'], to: 'Cancelled', details: 'Cancelled' },
  { event: 'CancelAsked', from: ['InProgress'], to: 'Cancelling', details: 'Cancelling' },
  { event: 'Succeeded', from: BEGUN, to: 'Success', details: 'Success' },
  { event: 'Failed', from: BEGUN, to: 'Failed', details: 'Failed' },
  { event: 'TimedOut', from: BEGUN, to: 'TimedOut', details: 'ExecutionTimedOut' },
  { event: 'Cancelled', from: ['Cancelling'], to: 'Cancelled', details: 'Cancelled' },
  { event: 'NotDelivered', from: ['Pending'], to: 'TimedOut', details: 'DeliveryTimedOut' },
  { event: 'NotEnded', from: BEGUN, to: 'TimedOut', details: 'ExecutionTimedOut' },
  { event: 'InstanceGone', from: ['Pending', ...BEGUN], to: 'Failed', details: 'Undeliverable' },
  { event: 'ErrorsExceeded', from: ['Pending'], to: 'Cancelled', details: 'Terminated' },
]

/** The row for `event` in `status`, or undefined when the event is illegal there. */
export function findInvocationTransition(
  event: InvocationEvent,
  status: InvocationStatus,
): InvocationTransition | undefined {
  return INVOCATION_TRANSITIONS.find((row) => row.event === event && row.from.includes(status))
}

/** Whether nothing can happen any more. */
export function isEnded(status: InvocationStatus): boolean {
  return !INVOCATION_TRANSITIONS.some((row) => row.from.includes(status))
}

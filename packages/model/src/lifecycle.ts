/** The way of a migration, as MGN's dashboard draws it. */
export const LIFECYCLE_PATH = [
  'NOT_READY',
  'READY_FOR_TEST',
  'TESTING',
  'READY_FOR_CUTOVER',
  'CUTTING_OVER',
  'CUTOVER',
] as const

/**
 * The life cycle of a source server, as one table (MGN's states and transitions). Nothing else in
 * the project decides which operation is legal in which state.
 */
export const LIFECYCLE_STATES = [
  'DISCOVERED',
  'PENDING_INSTALLATION',
  ...LIFECYCLE_PATH,
  'DISCONNECTED',
  'STOPPED',
] as const

export type LifecycleState = (typeof LIFECYCLE_STATES)[number]

/** What can happen to a server: operator calls (spelled as the APIs spell them) and own events. */
export const LIFECYCLE_EVENTS = [
  'AgentRegistered',
  'BecameLaunchable',
  'StartTest',
  'StartCutover',
  'PromoteTestInstance',
  'MarkReadyForTest',
  'MarkReadyForCutover',
  'MarkCutover',
  'FinalizeCutover',
  'DisconnectFromService',
  'StopReplication',
  'StartReplication',
  'TerminateTargetInstances',
  'MarkAsArchived',
  'DeleteSourceServer',
] as const

export type LifecycleEvent = (typeof LIFECYCLE_EVENTS)[number]

/**
 * What a transition needs besides the state. `launchable`: a point. `actionsSucceeded`: the
 * post-launch actions that must succeed for the cutover have, on the cutover instance.
 */
export type LifecycleGuard = 'launchable' | 'actionsSucceeded'

export interface LifecycleTransition {
  readonly event: LifecycleEvent
  readonly from: readonly LifecycleState[]
  /** `same`: the event is legal here and changes nothing. `removed`: the server is gone. */
  readonly to: LifecycleState | 'same' | 'removed'
  readonly guard?: LifecycleGuard
}

const ACTIVE = [
  'NOT_READY',
  'READY_FOR_TEST',
  'TESTING',
  'READY_FOR_CUTOVER',
  'CUTTING_OVER',
  'STOPPED',
] as const satisfies readonly LifecycleState[]

/** Each row is tested; what is not in a row is illegal. */
export const LIFECYCLE_TRANSITIONS: readonly LifecycleTransition[] = [
  // A reinstalled agent keeps the server's ID; a server that is being tested stays where it is.
  { event: 'AgentRegistered', from: ['PENDING_INSTALLATION', 'DISCONNECTED'], to: 'NOT_READY' },
  { event: 'AgentRegistered', from: [...ACTIVE], to: 'same' },
  { event: 'BecameLaunchable', from: ['NOT_READY'], to: 'READY_FOR_TEST' },
  {
    event: 'BecameLaunchable',
    from: ['READY_FOR_TEST', 'TESTING', 'READY_FOR_CUTOVER', 'CUTTING_OVER'],
    to: 'same',
  },
  { event: 'StartTest', from: ['READY_FOR_TEST', 'TESTING'], to: 'TESTING', guard: 'launchable' },
  {
    event: 'StartCutover',
    from: ['READY_FOR_CUTOVER', 'CUTTING_OVER'],
    to: 'CUTTING_OVER',
    guard: 'launchable',
  },
  // The tested instance itself becomes the cutover instance; the points are not looked at.
  { event: 'PromoteTestInstance', from: ['READY_FOR_CUTOVER'], to: 'CUTTING_OVER' },
  {
    event: 'MarkReadyForTest',
    from: ['READY_FOR_TEST', 'TESTING', 'READY_FOR_CUTOVER'],
    to: 'READY_FOR_TEST',
    guard: 'launchable',
  },
  {
    event: 'MarkReadyForCutover',
    from: ['READY_FOR_TEST', 'TESTING', 'READY_FOR_CUTOVER', 'CUTTING_OVER'],
    to: 'READY_FOR_CUTOVER',
    guard: 'launchable',
  },
  // The public orchestrator built on MGN finalises by a disconnect followed by this call.
  { event: 'MarkCutover', from: ['CUTTING_OVER'], to: 'CUTOVER', guard: 'launchable' },
  { event: 'MarkCutover', from: ['DISCONNECTED', 'CUTOVER'], to: 'CUTOVER' },
  {
    event: 'FinalizeCutover',
    from: ['CUTTING_OVER'],
    to: 'CUTOVER',
    guard: 'actionsSucceeded',
  },
  {
    event: 'DisconnectFromService',
    from: [...ACTIVE, 'DISCOVERED', 'PENDING_INSTALLATION', 'DISCONNECTED'],
    to: 'DISCONNECTED',
  },
  { event: 'DisconnectFromService', from: ['CUTOVER'], to: 'same' },
  { event: 'StopReplication', from: [...ACTIVE], to: 'STOPPED' },
  { event: 'StartReplication', from: ['STOPPED', 'DISCOVERED'], to: 'NOT_READY' },
  {
    event: 'TerminateTargetInstances',
    from: ['NOT_READY', 'READY_FOR_TEST', 'READY_FOR_CUTOVER', 'STOPPED', 'DISCONNECTED'],
    to: 'same',
  },
  { event: 'MarkAsArchived', from: ['DISCONNECTED', 'CUTOVER'], to: 'same' },
  { event: 'DeleteSourceServer', from: ['DISCONNECTED', 'CUTOVER'], to: 'removed' },
]

/** The row for `event` in `state`, or undefined when the event is illegal there. */
export function findTransition(
  event: LifecycleEvent,
  state: LifecycleState,
): LifecycleTransition | undefined {
  return LIFECYCLE_TRANSITIONS.find((row) => row.event === event && row.from.includes(state))
}

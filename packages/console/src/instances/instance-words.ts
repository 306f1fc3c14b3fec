import type { FirstBoot, InstancePurpose, InstanceState, InstanceView } from '@landfall/model'
import type { Status } from '../launches/job-words.ts'

export const STATES: Readonly<Record<InstanceState, Status>> = {
  pending: { type: 'pending', text: 'Being launched' },
  running: { type: 'success', text: 'Running' },
  stopped: { type: 'stopped', text: 'Stopped' },
  terminated: { type: 'stopped', text: 'Terminated' },
}

export const PURPOSES: Readonly<Record<InstancePurpose, string>> = {
  TEST: 'Test',
  CUTOVER: 'Cutover',
  REHEARSAL: 'Rehearsal',
}

/** What is told of the first boot by the agent in the instance, or by its silence. */
const FIRST_BOOTS: Readonly<Record<FirstBoot, Status>> = {
  WAITING: { type: 'in-progress', text: 'Waiting for its agent' },
  SUCCEEDED: { type: 'success', text: 'Succeeded' },
  UNKNOWN: { type: 'warning', text: 'Not told in time' },
  STOPPED: { type: 'stopped', text: 'Launched stopped' },
}

/** Nobody is waited for where nothing runs. */
export function firstBootStatus({ state, firstBoot }: Pick<InstanceView, 'state' | 'firstBoot'>) {
  const isOver = firstBoot === 'WAITING' && (state === 'stopped' || state === 'terminated')
  return isOver ? ({ type: 'stopped', text: 'Not told of' } as const) : FIRST_BOOTS[firstBoot]
}

/** Whether it runs and its first boot is still waited for. */
export function isBooting({
  state,
  firstBoot,
}: Pick<InstanceView, 'state' | 'firstBoot'>): boolean {
  return state === 'running' && firstBoot === 'WAITING'
}

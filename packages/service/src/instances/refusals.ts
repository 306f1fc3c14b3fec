import { INSTANCE_ACTIONS, type InstanceRefusals, type InstanceState } from '@landfall/model'
import type { InstanceRow } from './tables.ts'

const WHERE_NOTHING_IS_DONE = {
  pending: 'It is still being launched.',
  terminated: 'It was terminated.',
} as const

/**
 * By the state that its provider says it is in, and by what ends of its server have to wait for,
 * in words that go on about the server.
 */
export function instanceRefusals(
  { is_protected: isProtected, purpose }: Pick<InstanceRow, 'is_protected' | 'purpose'>,
  state: InstanceState,
  hindrance: string | undefined,
): InstanceRefusals {
  if (state === 'pending' || state === 'terminated') {
    return Object.fromEntries(
      INSTANCE_ACTIONS.map((action) => [action, WHERE_NOTHING_IS_DONE[state]]),
    )
  }
  if (purpose === 'REHEARSAL') {
    const reason = 'It is a rehearsal’s, which removes it as soon as it has booted, or has not.'
    const powers = INSTANCE_ACTIONS.filter((action) => action !== 'OpenInstanceScreen')
    return Object.fromEntries(powers.map((action) => [action, reason]))
  }
  const termination =
    hindrance !== undefined
      ? `Its server ${hindrance}.`
      : isProtected
        ? 'It has termination protection. Switch that off first.'
        : undefined
  const stopped = 'It does not run.'
  return {
    ...(state === 'running'
      ? { StartInstances: 'It runs already.' }
      : { StopInstances: stopped, RebootInstances: stopped, OpenInstanceScreen: stopped }),
    ...(termination !== undefined && { TerminateInstances: termination }),
  }
}

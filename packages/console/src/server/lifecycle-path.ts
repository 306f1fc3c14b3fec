import { LIFECYCLE_PATH, type LifecycleState } from '@landfall/model'

type PathState = (typeof LIFECYCLE_PATH)[number]

export type Passage = 'done' | 'current' | 'ahead'

/** What each step of the way is for a server in `state`: none is its own where it has left it. */
export function passages(state: LifecycleState): readonly (readonly [PathState, Passage])[] {
  const own = (LIFECYCLE_PATH as readonly LifecycleState[]).indexOf(state)
  return LIFECYCLE_PATH.map((step, index) => [
    step,
    index < own ? 'done' : index === own ? 'current' : 'ahead',
  ])
}

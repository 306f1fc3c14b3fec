import type { DataReplicationErrorCode, ReplicationStage } from '@landfall/model'

/** How the agent of a played source server, and the staging area for it, go on. */
export type Behaviour =
  /** Has caught up; lag and backlog wander. */
  | { readonly kind: 'steady' }
  /** Reads its disks, or compares them; then it is steady. */
  | {
      readonly kind: 'syncing' | 'rescanning'
      readonly fromShare: number
      readonly mibPerSecond: number
      readonly slowest: ReplicationStage
    }
  /** More is written than is sent; `isTold`: the agent says that this will not do. */
  | { readonly kind: 'lagging'; readonly isTold: boolean }
  /** Has caught up and does not come to its first point. */
  | { readonly kind: 'pointless' }
  /** Every point fails, with this cause. */
  | { readonly kind: 'points fail'; readonly cause: string }
  /** Is not heard of any more. */
  | { readonly kind: 'silent' }
  /** The staging area cannot make its volumes, for this cause. */
  | { readonly kind: 'no volumes'; readonly cause: string }
  /** The agent, or the staging area, says that no data flows, and why. */
  | {
      readonly kind: 'stalled'
      readonly by: 'agent' | 'staging area'
      readonly error: DataReplicationErrorCode
      readonly cause: string
    }

/** What goes wrong with an instance of the server, if anything. */
export interface LaunchTrouble {
  /** Why every conversion fails. */
  readonly conversion?: string
  /** The instance's agent never reports. */
  readonly neverBoots?: true
  /** The command whose script contains it fails, with this text. */
  readonly action?: { readonly script: string; readonly stderr: string }
}

export const STEADY: Behaviour = { kind: 'steady' }

/** Everything is read, from the beginning. */
export const FROM_THE_BEGINNING: Behaviour = {
  kind: 'syncing',
  fromShare: 0,
  mibPerSecond: 150,
  slowest: 'wire',
}

/** How it begins what comes to this: what has points was steady once. */
export function beginningOf(behaviour: Behaviour): Behaviour {
  switch (behaviour.kind) {
    case 'steady':
    case 'rescanning':
    case 'lagging':
    case 'points fail':
    case 'silent':
      return STEADY
    case 'stalled':
      return behaviour.error === 'UNSTABLE_NETWORK' ? STEADY : behaviour
    case 'syncing':
    case 'pointless':
    case 'no volumes':
      return behaviour
  }
}

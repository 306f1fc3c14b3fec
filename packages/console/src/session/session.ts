import { createContext, useContext } from 'react'
import type { Action } from '../api/call.ts'

/** Who is signed in, as `/console/session` tells it. */
export interface Session {
  readonly userName: string
  readonly arn: string
  readonly accountID: string
  readonly region: string
  /** ISO 8601 in UTC. */
  readonly expiresAt: string
  /** The actions that their policies allow for something. */
  readonly permitted: readonly string[]
}

export interface SessionContext {
  readonly session: Session
  readonly signOut: () => void
}

export const Context = createContext<SessionContext | undefined>(undefined)

/** The session; only below `SessionGate`. */
export function useSession(): SessionContext {
  const context = useContext(Context)
  if (context === undefined) throw new Error('useSession is for what SessionGate shows')
  return context
}

/** Why the user may not do the action at all; undefined when they may. */
export function usePermission(): (action: Action) => string | undefined {
  const { session } = useSession()
  return (action) =>
    session.permitted.includes(action)
      ? undefined
      : `The policies of ${session.userName} do not allow ${action}.`
}

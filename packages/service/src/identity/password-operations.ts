import { z } from 'zod'
import type { OperationDependencies } from '../dependencies.ts'
import type { OperationGroup } from '../http/operation.ts'
import { validated } from '../valid-input.ts'
import {
  PASSWORD_CHARACTERS_MAX,
  PASSWORD_CHARACTERS_MIN,
  passwordChangedAt,
  removePassword,
  setPassword,
} from './passwords.ts'
import { getUser } from './users.ts'

const ofUser = z.object({ userName: z.string().min(1).max(64) })

const withPassword = ofUser.extend({
  password: z.string().min(PASSWORD_CHARACTERS_MIN).max(PASSWORD_CHARACTERS_MAX),
})

/** Passwords for the console; sessions that were opened with an earlier one end. */
export function passwordOperations({ db }: OperationDependencies): OperationGroup {
  const endSessions = (userID: string) =>
    db
      .deleteFrom('console_sessions')
      .where('user_id', '=', userID)
      .where('access_key_id', 'is', null)
      .execute()
  return {
    landfall: {
      /** When it was set; nothing for whoever has none. */
      GetUserPassword: validated(ofUser, async ({ userName }) => {
        const changedAt = await passwordChangedAt(db, await getUser(db, userName))
        return changedAt === undefined ? {} : { changedAt: changedAt.toISOString() }
      }),
      SetUserPassword: validated(withPassword, async ({ userName, password }, context) => {
        const user = await getUser(db, userName)
        await setPassword(db, { user, password, now: context.now() })
        await endSessions(user.user_id)
        return {}
      }),
      RemoveUserPassword: validated(ofUser, async ({ userName }) => {
        const user = await getUser(db, userName)
        await removePassword(db, user)
        await endSessions(user.user_id)
        return {}
      }),
    },
  }
}

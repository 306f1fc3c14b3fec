import { LandfallError } from '@landfall/model'
import { getPolicy } from './customer-policies.ts'
import type { IdentityContext, IdentityOperations } from './identity-operation.ts'
import { MalformedPolicyError, readPolicy } from './policy-document.ts'
import { assumedRoleArn, findRole } from './roles.ts'
import { createSession, type TemporaryCredentials } from './sessions.ts'
import { getUser } from './users.ts'

/** STS's durations when the caller names none. */
const SESSION_SECONDS = 12 * 60 * 60
const ROLE_SECONDS = 60 * 60

interface AssumeRoleInput {
  readonly RoleArn: string
  readonly RoleSessionName: string
  readonly DurationSeconds?: number
  readonly SourceIdentity?: string
  readonly Policy?: string
  readonly PolicyArns?: readonly { readonly arn?: string }[]
}

/** STS: who one is, and credentials that end by themselves. */
export const sessionOperations: IdentityOperations = {
  GetCallerIdentity: (_input: object, { accountID, callerArn, callerID }) => {
    return Promise.resolve({ UserId: callerID, Account: accountID, Arn: callerArn })
  },

  GetSessionToken: async (input: { DurationSeconds?: number }, context) => {
    const { DurationSeconds = SESSION_SECONDS } = input
    const userID = await permanentUser(context)
    const credentials = createSession(context.secretBox, {
      userID,
      policies: [],
      expiresAt: later(context.now, DurationSeconds),
    })
    return { Credentials: credentialsView(credentials) }
  },

  AssumeRole: async (input: AssumeRoleInput, context) => {
    const { db, accountID, secretBox, now } = context
    const { RoleSessionName: sessionName, SourceIdentity: sourceIdentity } = input
    const role = findRole(input.RoleArn, accountID)
    const policies = input.Policy === undefined ? [] : [input.Policy]
    for (const { arn = '' } of input.PolicyArns ?? []) policies.push(await documentOf(db, arn))
    for (const policy of policies) readPolicy(policy)
    const credentials = createSession(secretBox, {
      userID: await permanentUser(context),
      role: {
        roleName: role.name,
        sessionName,
        ...(sourceIdentity !== undefined && { sourceIdentity }),
      },
      policies,
      expiresAt: later(now, input.DurationSeconds ?? ROLE_SECONDS),
    })
    return {
      Credentials: credentialsView(credentials),
      AssumedRoleUser: {
        AssumedRoleId: `${credentials.accessKeyId}:${sessionName}`,
        Arn: assumedRoleArn(accountID, role.name, sessionName),
      },
      ...(sourceIdentity !== undefined && { SourceIdentity: sourceIdentity }),
    }
  },
}

/** STS has no name for a policy that is not there but that of one that is no policy. */
async function documentOf(db: IdentityContext['db'], arn: string): Promise<string> {
  try {
    return (await getPolicy(db, arn)).document
  } catch (error) {
    if (error instanceof LandfallError) throw new MalformedPolicyError(error.message)
    throw error
  }
}

/** The ID of the user who calls with a key of theirs: sessions do not beget sessions. */
async function permanentUser({ db, caller }: IdentityContext): Promise<string> {
  if (caller.kind !== 'user' || caller.isTemporary) {
    throw new LandfallError(
      'access_denied',
      'Only a user with an access key of their own gets temporary credentials.',
    )
  }
  return (await getUser(db, caller.userName)).user_id
}

function later(now: Date, seconds: number): Date {
  return new Date(now.getTime() + seconds * 1000)
}

function credentialsView(credentials: TemporaryCredentials): object {
  return {
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    SessionToken: credentials.sessionToken,
    Expiration: credentials.expiresAt,
  }
}

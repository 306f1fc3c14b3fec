import { call } from '../api/call.ts'
import { createUserWithKey } from '../users/create-user.ts'
import type { NewKey } from '../users/identity.ts'

/** May install agents, and nothing else. */
const POLICY = 'arn:aws:iam::aws:policy/AWSApplicationMigrationAgentInstallationPolicy'
const ROLE = 'AWSApplicationMigrationAgentInstallationRole'

/** What IAM takes as the name of a session. */
const SESSION_NAME_CHARACTERS_MAX = 64

/** A user of its own with the installer's policy and a key; all of it, or nothing. */
export function newInstallerKey(userName: string): Promise<NewKey> {
  return createUserWithKey(call, { userName, policyArns: [POLICY] })
}

/** Credentials that can install agents for an hour, and leave no user behind. */
export async function temporaryCredentials(session: {
  readonly accountID: string
  readonly userName: string
}): Promise<NewKey> {
  const { Credentials } = await call<{
    readonly Credentials: {
      readonly AccessKeyId: string
      readonly SecretAccessKey: string
      readonly SessionToken: string
      readonly Expiration: string
    }
  }>('sts:AssumeRole', {
    RoleArn: `arn:aws:iam::${session.accountID}:role/service-role/${ROLE}`,
    RoleSessionName: `console-${session.userName}`.slice(0, SESSION_NAME_CHARACTERS_MAX),
  })
  return {
    userName: session.userName,
    accessKeyId: Credentials.AccessKeyId,
    secretAccessKey: Credentials.SecretAccessKey,
    sessionToken: Credentials.SessionToken,
    expiresAt: Credentials.Expiration,
  }
}

/** A name that nobody has: `installer-20261130-175800`, in UTC. */
export function installerName(now: Date): string {
  return `installer-${now.toISOString().slice(0, 19).replace('T', '-').replaceAll(/[:]/g, '')}`
}

import type { TLSSocket } from 'node:tls'
import { LandfallError } from '@landfall/model'
import type { Database } from '../database/database.ts'
import { findSigningKey, keyUsed, type SigningKey } from '../identity/access-keys.ts'
import type { Account } from '../identity/account.ts'
import { evaluateAccess } from '../identity/evaluate.ts'
import { readPolicy, type PolicyStatement } from '../identity/policy-document.ts'
import { assumedRoleArn, isRoleName, roleOf } from '../identity/roles.ts'
import type { SecretBox } from '../identity/secret-box.ts'
import { openSession, type Session } from '../identity/sessions.ts'
import { statementsOf } from '../identity/user-policies.ts'
import { userArn, userOfID, type User } from '../identity/users.ts'
import { AuthenticationError } from './authentication-error.ts'
import type { Caller } from './operation.ts'
import {
  checkSignature,
  parseAuthorization,
  type ReceivedRequest,
  type SigningScope,
} from './signature.ts'

/** A caller who has proved who they are, and what they may do. */
export interface Principal {
  readonly caller: Caller
  readonly arn: string
  readonly statements: readonly PolicyStatement[]
  /** Each must allow what is done, too: the policies of a session. */
  readonly limits: readonly (readonly PolicyStatement[])[]
  /** What policies may ask about the caller. */
  readonly context: Readonly<Record<string, string>>
}

export interface Authenticator {
  readonly db: Database
  readonly secretBox: SecretBox
  readonly account: Account
  readonly now: () => Date
}

/** The caller whose access key signed the request. Throws `AuthenticationError`. */
export async function authenticateSignature(
  authenticator: Authenticator,
  request: ReceivedRequest,
  scope: SigningScope,
): Promise<Principal> {
  const header = request.headers['authorization']
  if (header === undefined) throw new AuthenticationError('missing', 'Missing Authentication Token')
  const authorization = parseAuthorization(String(header))
  const token = request.headers['x-amz-security-token']
  const { accessKeyId } = authorization
  const credentials =
    token === undefined
      ? await permanentCredentials(authenticator, accessKeyId)
      : await sessionCredentials(authenticator, accessKeyId, String(token))
  const now = authenticator.now()
  const { secretAccessKey, expiresAt, key, principal } = credentials
  await checkSignature(request, { authorization, secretAccessKey, scope, now })
  if (expiresAt !== undefined && expiresAt <= now) {
    throw new AuthenticationError(
      'expired',
      'The security token included in the request is expired.',
    )
  }
  if (key !== undefined) {
    const { service, region } = authorization
    await keyUsed(authenticator.db, key, { service, region, now })
  }
  return principal
}

/** What a signature is checked with, and who made it. */
interface ProvenBy {
  readonly secretAccessKey: string
  /** Of a session. */
  readonly expiresAt?: Date
  /** A user's own. */
  readonly key?: SigningKey
  readonly principal: Principal
}

async function permanentCredentials(
  { db, secretBox, account }: Authenticator,
  accessKeyId: string,
): Promise<ProvenBy> {
  const key = await findSigningKey(db, secretBox, accessKeyId)
  if (key === undefined || key.status !== 'Active') throw unknownKey()
  const { secretAccessKey, user } = key
  const caller = { user, accessKeyId, isTemporary: false, limits: [] }
  return { secretAccessKey, key, principal: await userPrincipal(db, account, caller) }
}

async function sessionCredentials(
  { db, secretBox, account }: Authenticator,
  accessKeyId: string,
  token: string,
): Promise<ProvenBy> {
  const session = openSession(secretBox, accessKeyId, token)
  const user = session === undefined ? undefined : await userOfID(db, session.userID)
  if (session === undefined || user === undefined) throw unknownKey()
  const { secretAccessKey, role } = session
  const limits = session.policies.map(readPolicy)
  const principal =
    role === undefined
      ? await userPrincipal(db, account, { user, accessKeyId, isTemporary: true, limits })
      : rolePrincipal(account, accessKeyId, role, limits)
  return { secretAccessKey, expiresAt: new Date(session.expiresAt), principal }
}

export async function userPrincipal(
  db: Database,
  { accountID }: Account,
  caller: {
    readonly user: User
    readonly accessKeyId: string
    readonly isTemporary: boolean
    readonly limits: Principal['limits']
  },
): Promise<Principal> {
  const { user, accessKeyId, isTemporary, limits } = caller
  const arn = userArn(accountID, user)
  return {
    caller: { kind: 'user', userName: user.user_name, accessKeyId, arn, isTemporary },
    arn,
    statements: await statementsOf(db, user),
    limits,
    context: { 'aws:username': user.user_name, 'aws:userid': user.user_id },
  }
}

function rolePrincipal(
  { accountID }: Account,
  accessKeyId: string,
  { roleName, sessionName, sourceIdentity }: NonNullable<Session['role']>,
  limits: Principal['limits'],
): Principal {
  // A later version may have another list of roles.
  if (!isRoleName(roleName)) throw unknownKey()
  const arn = assumedRoleArn(accountID, roleName, sessionName)
  return {
    caller: { kind: 'role', roleName, arn },
    arn,
    statements: roleOf(roleName).policy.statements,
    limits,
    context: {
      'aws:userid': `${accessKeyId}:${sessionName}`,
      ...(sourceIdentity !== undefined && { 'aws:SourceIdentity': sourceIdentity }),
    },
  }
}

function unknownKey(): AuthenticationError {
  return new AuthenticationError(
    'unknown-key',
    'The security token included in the request is invalid.',
  )
}

/** What a certificate of each role may do, and as whom AWS would show it. */
const ROLES = {
  agent: roleOf('AWSApplicationMigrationAgentRole'),
  'replication-server': roleOf('AWSApplicationMigrationReplicationServerRole'),
} as const

/**
 * The caller whose client certificate, made by our authority, the connection was opened with;
 * undefined when there is none. Throws `AuthenticationError` for a certificate that does not count.
 */
export function authenticateCertificate(
  socket: TLSSocket,
  account: Account,
): Principal | undefined {
  const known = PROVEN.get(socket)
  if (known !== undefined) return known
  const certificate = socket.getPeerCertificate()
  const role = certificate.subject?.OU
  const name = certificate.subject?.CN
  if (certificate.subject === undefined) return undefined
  if (
    !socket.authorized ||
    typeof name !== 'string' ||
    (role !== 'agent' && role !== 'replication-server')
  ) {
    throw new AuthenticationError(
      'unknown-key',
      'The client certificate was not issued by this service for an agent or a replication server' +
        `${socket.authorized ? '' : ` (${String(socket.authorizationError)})`}.`,
    )
  }
  const principal: Principal = {
    caller:
      role === 'agent'
        ? { kind: role, sourceServerID: name }
        : { kind: role, replicationServerID: name },
    arn: assumedRoleArn(account.accountID, ROLES[role].name, name),
    statements: ROLES[role].policy.statements,
    limits: [],
    context: { 'aws:SourceIdentity': name },
  }
  PROVEN.set(socket, principal)
  return principal
}

/**
 * Who is at the other end of connections whose certificate counts: it stays the same as long as the
 * connection, and reading it is a tenth of what an agent's report costs.
 */
const PROVEN = new WeakMap<TLSSocket, Principal>()

/** Throws `access_denied`, in AWS's words, unless the principal's policies allow the action. */
export function authorize(
  principal: Principal,
  request: { action: string; resource: string; context?: Readonly<Record<string, string>> },
  log: (message: string) => void,
): void {
  const { action, resource } = request
  const context = {
    'aws:PrincipalArn': principal.arn,
    'aws:SecureTransport': 'true',
    ...principal.context,
    ...request.context,
  }
  const entries = Object.entries(context).map(([k, v]) => [k.toLowerCase(), [v]] as const)
  const asked = { action, resource, context: new Map(entries) }
  const decisions = [principal.statements, ...principal.limits].map((statements) =>
    evaluateAccess(statements, asked, log),
  )
  const decision = decisions.find((one) => one !== 'allowed')
  if (decision === undefined) return
  throw new LandfallError(
    'access_denied',
    `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resource} ` +
      (decision === 'explicit-deny'
        ? 'with an explicit deny in an identity-based policy'
        : `because no identity-based policy allows the ${action} action`),
  )
}

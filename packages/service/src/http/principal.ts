import type { TLSSocket } from 'node:tls'
import { LandfallError } from '@landfall/model'
import type { Database } from '../database/database.ts'
import { findSigningKey } from '../identity/access-keys.ts'
import type { Account } from '../identity/account.ts'
import { evaluateAccess } from '../identity/evaluate.ts'
import { managedPolicy } from '../identity/managed-policies.ts'
import type { PolicyStatement } from '../identity/policy-document.ts'
import type { SecretBox } from '../identity/secret-box.ts'
import { attachedPolicies } from '../identity/user-policies.ts'
import { userArn } from '../identity/users.ts'
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
  { db, secretBox, account, now }: Authenticator,
  request: ReceivedRequest,
  scope: SigningScope,
): Promise<Principal> {
  const header = request.headers['authorization']
  if (header === undefined) throw new AuthenticationError('missing', 'Missing Authentication Token')
  const authorization = parseAuthorization(String(header))
  const key = await findSigningKey(db, secretBox, authorization.accessKeyId)
  // A session token belongs to temporary credentials, which this service does not give out.
  const temporary = request.headers['x-amz-security-token'] !== undefined
  if (key === undefined || key.status !== 'Active' || temporary) {
    throw new AuthenticationError(
      'unknown-key',
      'The security token included in the request is invalid.',
    )
  }
  const { secretAccessKey, user } = key
  await checkSignature(request, { authorization, secretAccessKey, scope, now: now() })
  const policies = await attachedPolicies(db, user)
  const arn = userArn(account.accountID, user)
  return {
    caller: { kind: 'user', userName: user.user_name, accessKeyId: key.accessKeyId, arn },
    arn,
    statements: policies.flatMap((policy) => policy.statements),
    context: { 'aws:username': user.user_name, 'aws:userid': user.user_id },
  }
}

/** What a certificate of each role may do, and as whom AWS would show it. */
const ROLES = {
  agent: {
    policy: managedPolicy('AWSApplicationMigrationAgentPolicy_v2'),
    role: 'AWSApplicationMigrationAgentRole',
  },
  'replication-server': {
    policy: managedPolicy('AWSApplicationMigrationReplicationServerPolicy'),
    role: 'AWSApplicationMigrationReplicationServerRole',
  },
} as const

/**
 * The caller whose client certificate, made by our authority, the connection was opened with;
 * undefined when there is none. Throws `AuthenticationError` for a certificate that does not count.
 */
export function authenticateCertificate(
  socket: TLSSocket,
  account: Account,
): Principal | undefined {
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
  return {
    caller:
      role === 'agent'
        ? { kind: role, sourceServerID: name }
        : { kind: role, replicationServerID: name },
    arn: `arn:aws:sts::${account.accountID}:assumed-role/${ROLES[role].role}/${name}`,
    statements: ROLES[role].policy.statements,
    context: { 'aws:SourceIdentity': name },
  }
}

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
  const decision = evaluateAccess(
    principal.statements,
    { action, resource, context: new Map(entries) },
    log,
  )
  if (decision === 'allowed') return
  throw new LandfallError(
    'access_denied',
    `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resource} ` +
      (decision === 'explicit-deny'
        ? 'with an explicit deny in an identity-based policy'
        : `because no identity-based policy allows the ${action} action`),
  )
}

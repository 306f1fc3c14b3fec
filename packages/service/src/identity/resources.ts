import type { Database } from '../database/database.ts'
import { isText } from '../text.ts'
import { findUser, userArn } from './users.ts'

/** What a call of IAM or STS is about, as policies name it. */
export interface IdentityResource {
  readonly resource: string
  /** What a policy may ask about the call besides. */
  readonly context?: Readonly<Record<string, string>>
}

interface Input {
  readonly UserName?: unknown
  readonly Path?: unknown
  readonly PolicyName?: unknown
  readonly PolicyArn?: unknown
  readonly PolicySourceArn?: unknown
  readonly RoleArn?: unknown
}

/** The resource of an operation, from its input; `callerArn` where it names none, as in IAM. */
export async function identityResource(
  db: Database,
  call: {
    readonly name: string
    readonly input: Input
    readonly accountID: string
    readonly callerArn: string
  },
): Promise<IdentityResource> {
  const { name, input, accountID, callerArn } = call
  const { RoleArn, PolicyArn, PolicyName, PolicySourceArn } = input
  const path = typeof input.Path === 'string' ? input.Path : '/'
  if (typeof RoleArn === 'string') return { resource: RoleArn }
  if (typeof PolicySourceArn === 'string') return { resource: PolicySourceArn }
  if (typeof input.UserName === 'string') {
    // Not looked at yet: it may be no text at all, which the database would not take.
    const user = isText(input.UserName) ? await findUser(db, input.UserName) : undefined
    const resource = userArn(accountID, user ?? { path, user_name: input.UserName })
    const isAboutPolicy = typeof PolicyArn === 'string'
    return { resource, ...(isAboutPolicy && { context: { 'iam:PolicyARN': PolicyArn } }) }
  }
  if (typeof PolicyArn === 'string') return { resource: PolicyArn }
  if (typeof PolicyName === 'string') {
    return { resource: `arn:aws:iam::${accountID}:policy${path}${PolicyName}` }
  }
  return { resource: name.startsWith('List') && name !== 'ListAccessKeys' ? '*' : callerArn }
}

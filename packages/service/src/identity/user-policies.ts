import { LandfallError } from '@landfall/model'
import type { Database } from '../database/database.ts'
import { getPolicy, readCustomerPolicies, refuseLong } from './customer-policies.ts'
import { findManagedPolicy, type Policy } from './managed-policies.ts'
import { readPolicy, type PolicyStatement } from './policy-document.ts'
import type { User } from './users.ts'

/** IAM's quotas. */
const POLICIES_PER_USER_MAX = 10
const INLINE_CHARACTERS_MAX = 2048

/** May be repeated. Throws `not_found` for a policy that does not exist. */
export async function attachPolicy(
  db: Database,
  options: { user: User; policyArn: string; now: Date },
): Promise<void> {
  const policy = await getPolicy(db, options.policyArn)
  const attached = await attachedPolicies(db, options.user)
  if (attached.some(({ arn }) => arn === policy.arn)) return
  if (attached.length >= POLICIES_PER_USER_MAX) {
    throw new LandfallError(
      'quota_exceeded',
      `Cannot exceed quota for PoliciesPerUser: ${POLICIES_PER_USER_MAX}`,
      { quota: { code: 'PoliciesPerUser', value: POLICIES_PER_USER_MAX } },
    )
  }
  await db
    .insertInto('user_policies')
    .values({
      user_id: options.user.user_id,
      policy_arn: policy.arn,
      attached_at: options.now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Throws `not_found` when it is not attached. */
export async function detachPolicy(
  db: Database,
  options: { user: User; policyArn: string },
): Promise<void> {
  const { numDeletedRows } = await db
    .deleteFrom('user_policies')
    .where('user_id', '=', options.user.user_id)
    .where('policy_arn', '=', options.policyArn)
    .executeTakeFirst()
  if (numDeletedRows > 0n) return
  throw new LandfallError(
    'not_found',
    `Policy ${options.policyArn} is not attached to user ${options.user.user_name}.`,
  )
}

export async function attachedPolicies(db: Database, user: User): Promise<Policy[]> {
  const rows = await db
    .selectFrom('user_policies')
    .select('policy_arn')
    .where('user_id', '=', user.user_id)
    .orderBy('policy_arn')
    .execute()
  const arns = rows.map((row) => row.policy_arn)
  const ofCustomer = arns.filter((arn) => findManagedPolicy(arn) === undefined)
  const own = await readCustomerPolicies(db, ofCustomer)
  return arns.flatMap((arn) => findManagedPolicy(arn) ?? own.filter((one) => one.arn === arn))
}

/** Makes the user's inline policy of that name, or puts another in its place. */
export async function putInlinePolicy(
  db: Database,
  options: { readonly user: User; readonly name: string; readonly document: string },
): Promise<void> {
  const { user, name, document } = options
  readPolicy(document)
  const others = await inlinePolicies(db, user)
  const whole = others.filter((other) => other.name !== name).map((other) => other.document)
  refuseLong([...whole, document].join(''), INLINE_CHARACTERS_MAX)
  await db
    .insertInto('inline_policies')
    .values({ user_id: user.user_id, policy_name: name, document })
    .onConflict((conflict) =>
      conflict.columns(['user_id', 'policy_name']).doUpdateSet({ document }),
    )
    .execute()
}

export interface InlinePolicy {
  readonly name: string
  readonly document: string
}

export async function inlinePolicies(db: Database, user: User): Promise<InlinePolicy[]> {
  return await db
    .selectFrom('inline_policies')
    .select(['policy_name as name', 'document'])
    .where('user_id', '=', user.user_id)
    .orderBy('policy_name')
    .execute()
}

/** Throws `not_found` when the user has none of that name. */
export async function getInlinePolicy(
  db: Database,
  user: User,
  name: string,
): Promise<InlinePolicy> {
  const policies = await inlinePolicies(db, user)
  const policy = policies.find((one) => one.name === name)
  if (policy !== undefined) return policy
  throw noInlinePolicy(user, name)
}

/** Throws `not_found` when the user has none of that name. */
export async function deleteInlinePolicy(db: Database, user: User, name: string): Promise<void> {
  const { numDeletedRows } = await db
    .deleteFrom('inline_policies')
    .where('user_id', '=', user.user_id)
    .where('policy_name', '=', name)
    .executeTakeFirst()
  if (numDeletedRows === 0n) throw noInlinePolicy(user, name)
}

/** Everything that the user's policies say. */
export async function statementsOf(db: Database, user: User): Promise<PolicyStatement[]> {
  const attached = await attachedPolicies(db, user)
  const inline = await inlinePolicies(db, user)
  return [
    ...attached.flatMap((policy) => policy.statements),
    ...inline.flatMap((policy) => readPolicy(policy.document)),
  ]
}

function noInlinePolicy(user: User, name: string): LandfallError {
  return new LandfallError(
    'not_found',
    `The user policy with name ${name} of user ${user.user_name} cannot be found.`,
  )
}

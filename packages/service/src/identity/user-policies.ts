import { LandfallError } from '@landfall/model'
import type { Database } from '../database/database.ts'
import { findManagedPolicy, type ManagedPolicy } from './managed-policies.ts'
import type { User } from './users.ts'

/** IAM's quota. */
const POLICIES_PER_USER_MAX = 10

/** May be repeated. Throws `not_found` for a policy that is not one of the managed ones. */
export async function attachPolicy(
  db: Database,
  options: { user: User; policyArn: string; now: Date },
): Promise<void> {
  const policy = policyOf(options.policyArn)
  const attached = await attachedPolicies(db, options.user)
  if (attached.includes(policy)) return
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

export async function attachedPolicies(db: Database, user: User): Promise<ManagedPolicy[]> {
  const rows = await db
    .selectFrom('user_policies')
    .select('policy_arn')
    .where('user_id', '=', user.user_id)
    .orderBy('policy_arn')
    .execute()
  return rows.map((row) => policyOf(row.policy_arn))
}

function policyOf(arn: string): ManagedPolicy {
  const policy = findManagedPolicy(arn)
  if (policy !== undefined) return policy
  throw new LandfallError(
    'not_found',
    `Policy ${arn} does not exist or is not attachable. Landfall has AWS's managed policies of ` +
      'Application Migration Service and AdministratorAccess.',
  )
}

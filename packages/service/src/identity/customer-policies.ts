import { LandfallError } from '@landfall/model'
import { type Kysely, type Selectable, sql } from 'kysely'
import type { Database } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'
import { findManagedPolicy, type Policy } from './managed-policies.ts'
import { MalformedPolicyError, readPolicy } from './policy-document.ts'
import type { PoliciesTable } from './tables.ts'
import { randomIdentifier } from './users.ts'

/** IAM's quotas. */
const POLICIES_MAX = 1500
const POLICY_CHARACTERS_MAX = 6144

export type PolicyRow = Selectable<PoliciesTable>

/** Throws `conflict` when the name is taken, in whatever case. */
export async function createPolicy(
  db: Database,
  options: {
    readonly accountID: string
    readonly name: string
    readonly path: string
    readonly description: string | null
    readonly document: string
    readonly now: Date
  },
): Promise<PolicyRow> {
  const { accountID, name, path, description, document, now } = options
  readPolicy(document)
  refuseLong(document, POLICY_CHARACTERS_MAX)
  const { count } = await db
    .selectFrom('policies')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  if (Number(count) >= POLICIES_MAX) {
    throw new LandfallError(
      'quota_exceeded',
      `Cannot exceed quota for PoliciesPerAccount: ${POLICIES_MAX}`,
    )
  }
  const row = await db
    .insertInto('policies')
    .values({
      policy_id: randomIdentifier('ANPA', 17),
      policy_arn: `arn:aws:iam::${accountID}:policy${path}${name}`,
      policy_name: name,
      path,
      description,
      document,
      created_at: now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst()
  if (row !== undefined) return row
  throw new LandfallError('conflict', `A policy called ${name} already exists.`)
}

/** Throws `conflict` while it is attached. */
export async function deletePolicy(db: Database, arn: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const attached = await trx
      .selectFrom('user_policies')
      .select('user_id')
      .where('policy_arn', '=', arn)
      .limit(1)
      .executeTakeFirst()
    if (attached !== undefined) {
      throw new LandfallError(
        'conflict',
        'Cannot delete a policy attached to entities: detach it from its users first.',
      )
    }
    const { numDeletedRows } = await trx
      .deleteFrom('policies')
      .where('policy_arn', '=', arn)
      .executeTakeFirst()
    if (numDeletedRows === 0n) throw noSuchPolicy(arn)
  })
}

/** Of a customer or one of AWS's. Throws `not_found`. */
export async function getPolicy(db: Kysely<Schema>, arn: string): Promise<Policy> {
  const managed = findManagedPolicy(arn)
  if (managed !== undefined) return managed
  const row = await findCustomerPolicy(db, arn)
  if (row !== undefined) return policyOf(row)
  throw noSuchPolicy(arn)
}

export function findCustomerPolicy(
  db: Kysely<Schema>,
  arn: string,
): Promise<PolicyRow | undefined> {
  return db.selectFrom('policies').selectAll().where('policy_arn', '=', arn).executeTakeFirst()
}

export function listCustomerPolicies(db: Kysely<Schema>): Promise<PolicyRow[]> {
  return db
    .selectFrom('policies')
    .selectAll()
    .orderBy(sql`lower(policy_name)`)
    .execute()
}

/** Those of the ARNs that are a customer's. */
export async function readCustomerPolicies(
  db: Kysely<Schema>,
  arns: readonly string[],
): Promise<Policy[]> {
  if (arns.length === 0) return []
  const rows = await db.selectFrom('policies').selectAll().where('policy_arn', 'in', arns).execute()
  return rows.map(policyOf)
}

function policyOf({ policy_name: name, policy_arn: arn, path, document }: PolicyRow): Policy {
  return { name, arn, path, document, statements: readPolicy(document) }
}

/** IAM counts what is no white space. */
export function refuseLong(document: string, charactersMax: number): void {
  const characters = document.replaceAll(/\s/g, '').length
  if (characters <= charactersMax) return
  throw new MalformedPolicyError(
    `it has ${characters} characters besides white space, and may have ${charactersMax}`,
  )
}

function noSuchPolicy(arn: string): LandfallError {
  return new LandfallError(
    'not_found',
    `Policy ${arn} does not exist or is not attachable. Landfall has AWS's managed policies of ` +
      'Application Migration Service and AdministratorAccess, and those made with CreatePolicy.',
  )
}

import { LandfallError } from '@landfall/model'
import type { PolicyContext } from './policy-pattern.ts'
import {
  createPolicy,
  deletePolicy,
  findCustomerPolicy,
  getPolicy,
  listCustomerPolicies,
  type PolicyRow,
} from './customer-policies.ts'
import {
  cutPage,
  type IdentityContext,
  type IdentityOperations,
  type MarkerRequest,
} from './identity-operation.ts'
import { findManagedPolicy, managedPolicies, type Policy } from './managed-policies.ts'
import { sortableText } from '../pages.ts'
import { simulate } from './simulate.ts'
import {
  attachedPolicies,
  attachPolicy,
  deleteInlinePolicy,
  detachPolicy,
  getInlinePolicy,
  inlinePolicies,
  putInlinePolicy,
  statementsOf,
} from './user-policies.ts'
import { getUser, userOfArn } from './users.ts'

/** Every policy has one version: there is no CreatePolicyVersion. */
const VERSION = 'v1'

interface OfUser {
  readonly UserName: string
}

interface Named {
  readonly PolicyArn: string
}

/** Policies of users: managed by AWS, made by customers, and inline. */
export const policyOperations: IdentityOperations = {
  CreatePolicy: async (
    input: { PolicyName: string; PolicyDocument: string; Path?: string; Description?: string },
    { db, accountID, now },
  ) => {
    const row = await createPolicy(db, {
      accountID,
      name: input.PolicyName,
      path: input.Path ?? '/',
      description: input.Description ?? null,
      document: input.PolicyDocument,
      now,
    })
    return { Policy: customerPolicyView(row, 0) }
  },

  DeletePolicy: async ({ PolicyArn: arn }: Named, { db }) => {
    if (findManagedPolicy(arn) !== undefined) {
      throw new LandfallError('access_denied', `Policy ${arn} is AWS's own and stays.`)
    }
    await deletePolicy(db, arn)
    return {}
  },

  GetPolicy: async ({ PolicyArn: arn }: Named, { db }) => {
    const policy = await getPolicy(db, arn)
    const row = await findCustomerPolicy(db, arn)
    const count = (await countAttachments(db)).get(arn) ?? 0
    return {
      Policy: row === undefined ? managedPolicyView(policy, count) : customerPolicyView(row, count),
    }
  },

  GetPolicyVersion: async (input: Named & { VersionId: string }, { db }) => {
    const policy = await getPolicy(db, input.PolicyArn)
    if (input.VersionId !== VERSION) {
      throw new LandfallError(
        'not_found',
        `Policy ${policy.arn} version ${input.VersionId} does not exist; it has ${VERSION}.`,
      )
    }
    const version = await versionView(db, policy)
    return { PolicyVersion: { ...version, Document: encodeURIComponent(policy.document) } }
  },

  ListPolicyVersions: async (input: Named & MarkerRequest, { db }) => {
    const version = await versionView(db, await getPolicy(db, input.PolicyArn))
    const { shown, rest } = cutPage([version], input, () => VERSION)
    return { Versions: shown, ...rest }
  },

  ListPolicies: async (
    input: MarkerRequest & { Scope?: string; OnlyAttached?: boolean; PathPrefix?: string },
    { db },
  ) => {
    const { Scope = 'All', OnlyAttached = false, PathPrefix = '/' } = input
    const counts = await countAttachments(db)
    const countOf = (arn: string) => counts.get(arn) ?? 0
    const own = Scope === 'AWS' ? [] : await listCustomerPolicies(db)
    const ofAws = Scope === 'Local' ? [] : [...managedPolicies()]
    const all = [
      ...own.map((row) => customerPolicyView(row, countOf(row.policy_arn))),
      ...ofAws.map((policy) => managedPolicyView(policy, countOf(policy.arn))),
    ]
      .filter(({ Path }) => Path.startsWith(PathPrefix))
      .filter(({ AttachmentCount }) => !OnlyAttached || AttachmentCount > 0)
    const { shown, rest } = cutPage(all, input, ({ Arn }) => Arn)
    return { Policies: shown, ...rest }
  },

  AttachUserPolicy: async (input: OfUser & Named, { db, now }) => {
    const user = await getUser(db, input.UserName)
    await attachPolicy(db, { user, policyArn: input.PolicyArn, now })
    return {}
  },

  DetachUserPolicy: async (input: OfUser & Named, { db }) => {
    const user = await getUser(db, input.UserName)
    await detachPolicy(db, { user, policyArn: input.PolicyArn })
    return {}
  },

  ListAttachedUserPolicies: async (
    input: OfUser & MarkerRequest & { PathPrefix?: string },
    { db },
  ) => {
    const { PathPrefix = '/' } = input
    const attached = await attachedPolicies(db, await getUser(db, input.UserName))
    const policies = attached.filter(({ path }) => path.startsWith(PathPrefix))
    const { shown, rest } = cutPage(policies, input, ({ arn }) => arn)
    return {
      AttachedPolicies: shown.map(({ name, arn }) => ({ PolicyName: name, PolicyArn: arn })),
      ...rest,
    }
  },

  PutUserPolicy: async (input: OfUser & { PolicyName: string; PolicyDocument: string }, { db }) => {
    const { PolicyName: name, PolicyDocument: document } = input
    await putInlinePolicy(db, { user: await getUser(db, input.UserName), name, document })
    return {}
  },

  GetUserPolicy: async (input: OfUser & { PolicyName: string }, { db }) => {
    const user = await getUser(db, input.UserName)
    const { name, document } = await getInlinePolicy(db, user, input.PolicyName)
    const { user_name: UserName } = user
    return { UserName, PolicyName: name, PolicyDocument: encodeURIComponent(document) }
  },

  DeleteUserPolicy: async (input: OfUser & { PolicyName: string }, { db }) => {
    await deleteInlinePolicy(db, await getUser(db, input.UserName), input.PolicyName)
    return {}
  },

  ListUserPolicies: async (input: OfUser & MarkerRequest, { db }) => {
    const policies = await inlinePolicies(db, await getUser(db, input.UserName))
    const { shown, rest } = cutPage(policies, input, ({ name }) => name)
    return { PolicyNames: shown.map(({ name }) => name), ...rest }
  },

  SimulatePrincipalPolicy: async (input: SimulationInput & MarkerRequest, context) => {
    const { db, accountID } = context
    const user = await userOfArn(db, accountID, input.PolicySourceArn)
    const results = simulate({
      statements: await statementsOf(db, user),
      policies: input.PolicyInputList ?? [],
      actions: input.ActionNames,
      resources: input.ResourceArns ?? ['*'],
      context: simulatedContext(input),
    })
    const { shown, rest } = cutPage([...results.entries()], input, ([index]) => sortableText(index))
    return { EvaluationResults: shown.map(([, result]) => result), ...rest }
  },
}

interface SimulationInput {
  readonly PolicySourceArn: string
  readonly PolicyInputList?: readonly string[]
  readonly ActionNames: readonly string[]
  readonly ResourceArns?: readonly string[]
  readonly ContextEntries?: readonly {
    readonly ContextKeyName?: string
    readonly ContextKeyValues?: readonly string[]
  }[]
}

function simulatedContext({
  PolicySourceArn,
  ContextEntries = [],
}: SimulationInput): PolicyContext {
  const given = ContextEntries.map(
    (entry) => [(entry.ContextKeyName ?? '').toLowerCase(), entry.ContextKeyValues ?? []] as const,
  )
  return new Map([['aws:principalarn', [PolicySourceArn]], ...given])
}

/** How many users have each policy. */
async function countAttachments(db: IdentityContext['db']): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('user_policies')
    .select(({ fn }) => ['policy_arn', fn.countAll<number>().as('count')])
    .groupBy('policy_arn')
    .execute()
  return new Map(rows.map((row) => [row.policy_arn, Number(row.count)]))
}

async function versionView(db: IdentityContext['db'], { arn }: Policy): Promise<object> {
  const row = await findCustomerPolicy(db, arn)
  return {
    VersionId: VERSION,
    IsDefaultVersion: true,
    ...(row !== undefined && { CreateDate: row.created_at }),
  }
}

function customerPolicyView(row: PolicyRow, attachmentCount: number) {
  return {
    PolicyName: row.policy_name,
    PolicyId: row.policy_id,
    Arn: row.policy_arn,
    Path: row.path,
    DefaultVersionId: VERSION,
    AttachmentCount: attachmentCount,
    PermissionsBoundaryUsageCount: 0,
    IsAttachable: true,
    ...(row.description !== null && { Description: row.description }),
    CreateDate: row.created_at,
    UpdateDate: row.created_at,
  }
}

function managedPolicyView({ name, arn, path }: Policy, attachmentCount: number) {
  return {
    PolicyName: name,
    Arn: arn,
    Path: path,
    DefaultVersionId: VERSION,
    AttachmentCount: attachmentCount,
    PermissionsBoundaryUsageCount: 0,
    IsAttachable: true,
  }
}

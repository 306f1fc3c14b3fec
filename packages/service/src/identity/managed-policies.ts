import policies from '../../data/managed-policies.json' with { type: 'json' }
import { OPERATING_ACTIONS, READING_ACTIONS } from './own-actions.ts'
import { readPolicy, type PolicyStatement } from './policy-document.ts'

/** A policy by itself: one of AWS's, or one that a customer made. */
export interface Policy {
  readonly name: string
  readonly arn: string
  readonly path: string
  /** Its JSON, as it was given. */
  readonly document: string
  readonly statements: readonly PolicyStatement[]
}

/** Of Landfall's own actions, what a policy allows beside what AWS wrote into it. */
const OWN_ACTIONS: Partial<Record<string, readonly string[]>> = {
  AWSApplicationMigrationReadOnlyAccess: READING_ACTIONS,
  AWSApplicationMigrationFullAccess: [...READING_ACTIONS, ...OPERATING_ACTIONS],
}

/** AWS's document with a statement more, which `iam:GetPolicyVersion` shows like the others. */
function withOwnActions(name: string, document: PolicyDocument): object {
  const actions = OWN_ACTIONS[name]
  if (actions === undefined) return document
  const statement = {
    Sid: 'LandfallOwnActions',
    Effect: 'Allow',
    Action: actions.map((action) => `landfall:${action}`),
    Resource: '*',
  }
  return { ...document, Statement: [...document.Statement, statement] }
}

interface PolicyDocument {
  readonly Statement: readonly object[]
}

const byArn = new Map<string, Policy>(
  Object.entries(policies).map(([name, { Arn: arn, Document }]) => {
    const document = JSON.stringify(withOwnActions(name, Document))
    const path = arn.slice(arn.indexOf('/'), arn.lastIndexOf('/') + 1)
    return [arn, { name, arn, path, document, statements: readPolicy(document) }]
  }),
)

/** Those of AWS's managed policies that this version carries. */
export function managedPolicies(): IterableIterator<Policy> {
  return byArn.values()
}

export function findManagedPolicy(arn: string): Policy | undefined {
  return byArn.get(arn)
}

/** A managed policy that this version is sure to carry. */
export function managedPolicy(name: keyof typeof policies): Policy {
  return byArn.get(policies[name].Arn)!
}

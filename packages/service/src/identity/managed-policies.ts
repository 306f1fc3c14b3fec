import policies from '../../data/managed-policies.json' with { type: 'json' }
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

const byArn = new Map<string, Policy>(
  Object.entries(policies).map(([name, { Arn: arn, Document }]) => {
    const document = JSON.stringify(Document)
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

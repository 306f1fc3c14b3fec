import policies from '../../data/managed-policies.json' with { type: 'json' }
import { parsePolicy, type PolicyStatement } from './policy-document.ts'

export interface ManagedPolicy {
  readonly name: string
  readonly arn: string
  readonly statements: readonly PolicyStatement[]
}

const byArn = new Map<string, ManagedPolicy>(
  Object.entries(policies).map(([name, { Arn, Document }]) => [
    Arn,
    { name, arn: Arn, statements: parsePolicy(Document) },
  ]),
)

/** The managed policy with that ARN, of those that this version carries. */
export function findManagedPolicy(arn: string): ManagedPolicy | undefined {
  return byArn.get(arn)
}

/** A managed policy that this version is sure to carry. */
export function managedPolicy(name: keyof typeof policies): ManagedPolicy {
  return byArn.get(policies[name].Arn)!
}

import type { Account } from '../identity/account.ts'

interface Input {
  readonly Name?: unknown
  readonly Names?: unknown
  readonly DocumentName?: unknown
  readonly InstanceIds?: unknown
  readonly Targets?: unknown
}

/** The ARNs that an operation of SSM is about: what its input names, else `*`. */
export function ssmResources(operation: string, input: Input, account: Account): readonly string[] {
  const { region, accountID } = account
  const kind = operation.includes('Parameter') ? 'parameter' : 'document'
  const arns = [
    ...texts(input.Name, input.Names).map((name) => ssmArn(kind, name, account)),
    ...texts(input.DocumentName).map((name) => ssmArn('document', name, account)),
    ...[...texts(input.InstanceIds), ...targetIDs(input.Targets)].map(
      (id) => `arn:aws:ec2:${region}:${accountID}:instance/${id}`,
    ),
  ]
  return arns.length > 0 ? arns : ['*']
}

/** Of targets: the instances they name; those of a search can be any. */
function targetIDs(targets: unknown): string[] {
  return [targets].flat().flatMap((target: unknown) => {
    if (typeof target !== 'object' || target === null) return []
    const { Key: key, Values: values } = target as { Key?: unknown; Values?: unknown }
    return key === 'InstanceIds' ? texts(values) : ['*']
  })
}

/**
 * A document's or a parameter's ARN; one that is given as an ARN already is taken as it is. AWS's
 * own documents are in no account.
 */
export function ssmArn(kind: 'parameter' | 'document', name: string, account: Account): string {
  if (name.startsWith('arn:')) return name
  const owner = kind === 'document' && name.startsWith('AWS-') ? '' : account.accountID
  return `arn:aws:ssm:${account.region}:${owner}:${kind}/${name.replace(/^\//, '')}`
}

function texts(...values: readonly unknown[]): string[] {
  return values.flat().filter((value) => typeof value === 'string')
}

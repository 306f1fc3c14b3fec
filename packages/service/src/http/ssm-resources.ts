import type { Account } from '../identity/account.ts'

interface Input {
  readonly Name?: unknown
  readonly Names?: unknown
  readonly DocumentName?: unknown
  readonly InstanceIds?: unknown
}

/** The ARNs that an operation of SSM is about: what its input names, else `*`. */
export function ssmResources(operation: string, input: Input, account: Account): readonly string[] {
  const { region, accountID } = account
  const kind = operation.includes('Parameter') ? 'parameter' : 'document'
  const arns = [
    ...texts(input.Name, input.Names).map((name) => ssmArn(kind, name, account)),
    ...texts(input.DocumentName).map((name) => ssmArn('document', name, account)),
    ...texts(input.InstanceIds).map((id) => `arn:aws:ec2:${region}:${accountID}:instance/${id}`),
  ]
  return arns.length > 0 ? arns : ['*']
}

/** A document's or a parameter's ARN; one that is given as an ARN already is taken as it is. */
export function ssmArn(kind: 'parameter' | 'document', name: string, account: Account): string {
  if (name.startsWith('arn:')) return name
  return `arn:aws:ssm:${account.region}:${account.accountID}:${kind}/${name.replace(/^\//, '')}`
}

function texts(...values: readonly unknown[]): string[] {
  return values.flat().filter((value) => typeof value === 'string')
}

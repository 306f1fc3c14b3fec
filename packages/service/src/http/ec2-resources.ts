import type { Account } from '../identity/account.ts'

/** What kinds of resource EC2's IDs are of, by their prefix, as ARNs name them. */
const KINDS: Readonly<Record<string, string>> = {
  i: 'instance',
  ami: 'image',
  lt: 'launch-template',
  vol: 'volume',
  snap: 'snapshot',
  subnet: 'subnet',
  sg: 'security-group',
}

/** The ARNs that a call of EC2 is about: of the IDs in its input, else `*`. */
export function ec2Resources(
  input: Readonly<Record<string, unknown>>,
  account: Account,
): readonly string[] {
  const { ImageId, InstanceId, InstanceIds, LaunchTemplateId, Resources } = input
  const ids = [ImageId, InstanceId, InstanceIds, LaunchTemplateId, Resources].flat()
  const arns = ids.filter((id) => typeof id === 'string').map((id) => ec2Arn(id, account))
  return arns.length > 0 ? arns : ['*']
}

function ec2Arn(id: string, { region, accountID }: Account): string {
  const kind = KINDS[id.slice(0, id.indexOf('-'))] ?? '*'
  // Images can be everybody's, and EC2 names no account.
  const owner = kind === 'image' ? '' : accountID
  return `arn:aws:ec2:${region}:${owner}:${kind}/${id}`
}

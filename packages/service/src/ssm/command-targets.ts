import { LandfallError } from '@landfall/model'
import type { ManagedInstance } from './managed-instances.ts'
import { SsmError } from './ssm-error.ts'
import type { CommandTarget } from './tables.ts'

const TAG = 'tag:'
const INSTANCE_IDS = 'InstanceIds'

/** Who is to run a command. */
export interface TargetsInput {
  readonly InstanceIds?: readonly string[]
  readonly Targets?: readonly CommandTarget[]
}

/**
 * The instances that are meant, of those that take commands. Throws `SsmError` for one that is
 * named and is not among them; targets are a search, and may find none.
 */
export function findTargets(
  { InstanceIds: ids = [], Targets: targets = [] }: TargetsInput,
  takers: readonly ManagedInstance[],
): ManagedInstance[] {
  if (ids.length > 0 === targets.length > 0) {
    throw new LandfallError('validation', 'Give either InstanceIds or Targets.')
  }
  if (targets.length > 0) {
    return takers.filter((instance) => targets.every((target) => isMeant(instance, target)))
  }
  refuseDuplicates(ids)
  const found = takers.filter((instance) => ids.includes(instance.instance_id))
  const missing = ids.filter((id) => !found.some((instance) => instance.instance_id === id))
  if (missing.length === 0) return found
  throw new SsmError(
    'InvalidInstanceId',
    `Instances [${missing.join(', ')}] are not in a valid state: a command needs an instance that ` +
      'runs, and whose agent has asked for commands (see DescribeInstanceInformation).',
  )
}

export function refuseDuplicates(ids: readonly string[]): void {
  const twice = ids.find((id, index) => ids.indexOf(id) !== index)
  if (twice !== undefined) throw new SsmError('DuplicateInstanceId', `${twice} is given twice.`)
}

function isMeant(instance: ManagedInstance, { Key: key = '', Values: values = [] }: CommandTarget) {
  if (key === INSTANCE_IDS) return values.includes(instance.instance_id)
  if (!key.startsWith(TAG)) {
    throw new LandfallError(
      'validation',
      `The target ${key} is not supported; InstanceIds and tag:KEY are.`,
    )
  }
  const name = key.slice(TAG.length)
  return Object.hasOwn(instance.tags, name) && values.includes(instance.tags[name] ?? '')
}

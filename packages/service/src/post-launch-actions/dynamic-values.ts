import type { Provider } from '@landfall/launch'
import { LandfallError } from '@landfall/model'
import type { Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { stateOf, viewInstance } from '../ec2/instances.ts'
import type { InstanceRow } from '../instances/tables.ts'

/** What dynamic paths lead through: `ec2` is the instance as DescribeInstances shows it. */
export type DynamicValues = Readonly<Record<string, unknown>>

/** What is known of the instance now. */
export async function dynamicValues(
  { db, provider, region }: { db: Kysely<Schema>; provider: Provider; region: string },
  instance: InstanceRow,
): Promise<DynamicValues> {
  const known = await db
    .selectFrom('ssm_instances')
    .select('facts')
    .where('instance_id', '=', instance.instance_id)
    .executeTakeFirst()
  const address = known?.facts.ipAddress
  const ec2 = {
    ...viewInstance(instance, await stateOf(provider, instance), region),
    ...(address !== undefined && { PrivateIpAddress: address }),
  }
  return { ec2: JSON.parse(JSON.stringify(ec2)) as object }
}

/** `name` and `name[0]`, what a path is made of between its dots. */
const PART = /^([a-zA-Z0-9_]+)((?:\[\d+\])*)$/

/**
 * What the path leads to, as texts: each of a list's, else one; what is no text is JSON. Throws
 * `validation` when it leads nowhere.
 */
export function resolvePath(values: DynamicValues, path: string): string[] {
  let value: unknown = values
  for (const part of path.split('.')) {
    const [, name = '', indexes = ''] = PART.exec(part) ?? []
    for (const key of [name, ...Array.from(indexes.matchAll(/\d+/g), ([digits]) => digits)]) {
      value = memberOf(value, key)
      if (value !== undefined) continue
      throw new LandfallError(
        'validation',
        `The dynamic path ${path} leads nowhere: ${part} is not there. Paths begin with ec2, the ` +
          'instance as DescribeInstances shows it: ec2.InstanceId, ec2.PrivateIpAddress, ec2.Tags.',
      )
    }
  }
  return [value].flat().map((one) => (typeof one === 'string' ? one : JSON.stringify(one)))
}

function memberOf(value: unknown, key: string): unknown {
  const isThere = typeof value === 'object' && value !== null && Object.hasOwn(value, key)
  return isThere ? (value as Record<string, unknown>)[key] : undefined
}

import type { OperationDependencies } from '../dependencies.ts'
import type { OperationGroup } from '../http/operation.ts'
import type { InstanceRow } from '../instances/tables.ts'
import { Ec2Error } from './ec2-error.ts'
import { findInstance, lockInstance } from './instances.ts'

interface ModifyInput {
  readonly InstanceId: string
  /** EC2 has two ways to say it: by name and text, or as a member of its own. */
  readonly Attribute?: string
  readonly Value?: string
  readonly DisableApiTermination?: { readonly Value?: boolean }
}

/** What can be read of an instance by the names of its attributes. */
const READERS: Readonly<Record<string, (row: InstanceRow) => object>> = {
  disableApiTermination: ({ is_protected: Value }) => ({ DisableApiTermination: { Value } }),
  instanceType: ({ instance_type: Value }) => (Value === null ? {} : { InstanceType: { Value } }),
}

/** The attributes of launched instances; termination protection is the one that can be changed. */
export function ec2InstanceAttributeOperations({ db }: OperationDependencies): OperationGroup {
  return {
    ec2: {
      async DescribeInstanceAttribute(input: {
        readonly InstanceId: string
        readonly Attribute: string
      }) {
        const { InstanceId, Attribute } = input
        const row = await findInstance(db, InstanceId)
        const read = READERS[Attribute] ?? unsupported(Attribute, Object.keys(READERS))
        return { InstanceId, ...read(row) }
      },

      async ModifyInstanceAttribute(input: ModifyInput) {
        const isProtected = wantedProtection(input)
        await db.transaction().execute(async (trx) => {
          const { state } = await lockInstance(trx, input.InstanceId)
          // What is still being launched gets its protection from the launch template.
          if (state === 'TERMINATED' || state === 'PENDING') {
            throw new Ec2Error(
              'IncorrectInstanceState',
              `The instance '${input.InstanceId}' is ${state.toLowerCase()}.`,
            )
          }
          await trx
            .updateTable('instances')
            .set({ is_protected: isProtected })
            .where('instance_id', '=', input.InstanceId)
            .execute()
        })
        return {}
      },
    },
  }
}

function wantedProtection(input: ModifyInput): boolean {
  const { InstanceId: _, Attribute, Value, ...members } = input
  const own = members.DisableApiTermination?.Value
  const other = Object.keys(members).find((name) => name !== 'DisableApiTermination')
  if (other !== undefined) unsupported(other, ['DisableApiTermination'])
  if (Attribute !== undefined && Attribute !== 'disableApiTermination') {
    unsupported(Attribute, ['disableApiTermination'])
  }
  if (own !== undefined && Attribute === undefined) return own
  if (own === undefined && (Value === 'true' || Value === 'false')) return Value === 'true'
  throw new Ec2Error(
    'InvalidParameterCombination',
    'Give one attribute and its value: DisableApiTermination, true or false.',
  )
}

function unsupported(attribute: string, supported: readonly string[]): never {
  throw new Ec2Error(
    'UnsupportedOperation',
    `The attribute ${attribute} of an instance cannot be used here, only ${supported.join(', ')}. ` +
      'What an instance is follows from the launch settings of its source server.',
  )
}

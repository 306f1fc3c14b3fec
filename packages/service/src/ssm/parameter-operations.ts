import type { Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { OperationDependencies } from '../dependencies.ts'
import { callerArn, type CallContext, type OperationGroup } from '../http/operation.ts'
import { ssmArn } from '../http/ssm-resources.ts'
import type { SecretBox } from '../identity/secret-box.ts'
import { numberedPage, type NumberedPageRequest } from '../numbered-pages.ts'
import { checkNewParameter, parameterLabel, type PutParameterInput } from './parameter-rules.ts'
import { tagsFromList } from '../tags/tag-list.ts'
import { SsmError } from './ssm-error.ts'
import type { SsmParameterRow } from './tables.ts'

interface ByName {
  readonly Name: string
  readonly WithDecryption?: boolean
}

/** Parameters: values under a name, SecureStrings sealed under the master key. */
export function ssmParameterOperations({ db, secretBox }: OperationDependencies): OperationGroup {
  const find = (name: string) =>
    db.selectFrom('ssm_parameters').selectAll().where('name', '=', name).executeTakeFirst()
  return {
    ssm: {
      async PutParameter(input: PutParameterInput, context: CallContext) {
        const put = (trx: Transaction<Schema>) => putParameter(trx, secretBox, input, context)
        return await db.transaction().execute(put)
      },

      async GetParameter({ Name, WithDecryption = false }: ByName, context: CallContext) {
        const [name = '', version] = Name.split(':')
        const row = await find(name)
        if (row === undefined) throw notFound(name)
        if (version !== undefined && version !== String(row.version)) {
          throw new SsmError(
            'ParameterVersionNotFound',
            `Parameter ${name} is at version ${row.version}; earlier values are not kept.`,
          )
        }
        return { Parameter: viewValue(row, { secretBox, isOpened: WithDecryption, context }) }
      },

      async GetParameters(
        input: { readonly Names: readonly string[]; readonly WithDecryption?: boolean },
        context: CallContext,
      ) {
        const { Names: names, WithDecryption: isOpened = false } = input
        const rows = await db
          .selectFrom('ssm_parameters')
          .selectAll()
          .where('name', 'in', names)
          .execute()
        const known = new Set(rows.map((row) => row.name))
        return {
          Parameters: rows.map((row) => viewValue(row, { secretBox, isOpened, context })),
          InvalidParameters: names.filter((name) => !known.has(name)),
        }
      },

      /** What is known of parameters, without their values. */
      async DescribeParameters(
        input: NumberedPageRequest & ParameterFilters,
        context: CallContext,
      ) {
        const rows = await db.selectFrom('ssm_parameters').selectAll().orderBy('seq').execute()
        const shown = rows.filter((row) => passes(row, input))
        const { items, nextToken } = numberedPage(shown, input, (row) => row.seq)
        return { Parameters: items.map((row) => viewMetadata(row, context)), ...nextToken }
      },

      async DeleteParameter({ Name: name }: ByName) {
        const { numDeletedRows } = await db
          .deleteFrom('ssm_parameters')
          .where('name', '=', name)
          .executeTakeFirst()
        if (numDeletedRows === 0n) throw notFound(name)
        return {}
      },
    },
  }
}

/** Makes the parameter, or puts the value in the place of its present one. */
export async function putParameter(
  trx: Transaction<Schema>,
  secretBox: SecretBox,
  input: PutParameterInput,
  context: CallContext,
): Promise<object> {
  const before = await trx
    .selectFrom('ssm_parameters')
    .selectAll()
    .where('name', '=', input.Name)
    .forUpdate()
    .executeTakeFirst()
  const { type, tier } = checkNewParameter(input, before)
  const isSecure = type === 'SecureString'
  const version = (before?.version ?? 0) + 1
  const values = {
    type,
    value: isSecure ? null : input.Value,
    sealed_value: isSecure ? secretBox.seal(input.Value, parameterLabel(input.Name)) : null,
    description: input.Description ?? before?.description ?? null,
    tier,
    version,
    modified_at: context.now(),
    modified_by: callerArn(context),
  }
  const tags = JSON.stringify(tagsFromList(input.Tags))
  await trx
    .insertInto('ssm_parameters')
    .values({ name: input.Name, tags, ...values })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(values))
    .execute()
  return { Version: version, Tier: tier }
}

interface ParameterFilters {
  readonly ParameterFilters?: readonly {
    readonly Key: string
    readonly Option?: string
    readonly Values?: readonly string[]
  }[]
}

/** By name or type; `BeginsWith` and `Contains` for names, as SSM has them. */
function passes(row: SsmParameterRow, { ParameterFilters: filters = [] }: ParameterFilters) {
  return filters.every(({ Key: key, Option: option = 'Equals', Values: wanted = [] }) => {
    if (key !== 'Name' && key !== 'Type') {
      throw new SsmError(
        'InvalidFilterKey',
        `The filter ${key} is not supported; Name and Type are.`,
      )
    }
    const actual = key === 'Name' ? row.name : row.type
    return wanted.some((value) => {
      if (option === 'Equals') return actual === value
      if (option === 'BeginsWith') return actual.startsWith(value)
      if (option === 'Contains') return actual.includes(value)
      throw new SsmError(
        'InvalidFilterOption',
        `The option ${option} is not supported; Equals, BeginsWith and Contains are.`,
      )
    })
  })
}

function viewValue(
  row: SsmParameterRow,
  options: {
    readonly secretBox: SecretBox
    readonly isOpened: boolean
    readonly context: CallContext
  },
): object {
  const { secretBox, isOpened, context } = options
  const sealed = row.sealed_value
  const text =
    isOpened && sealed !== null ? secretBox.open(sealed, parameterLabel(row.name)) : undefined
  return {
    Name: row.name,
    ARN: ssmArn('parameter', row.name, context),
    Type: row.type,
    // Whoever does not ask to have it opened gets the sealed text, as with SSM.
    Value: row.value ?? text ?? sealed?.toString('base64'),
    Version: row.version,
    LastModifiedDate: row.modified_at,
    DataType: 'text',
  }
}

function viewMetadata(row: SsmParameterRow, context: CallContext): object {
  return {
    Name: row.name,
    ARN: ssmArn('parameter', row.name, context),
    Type: row.type,
    ...(row.description !== null && { Description: row.description }),
    Version: row.version,
    Tier: row.tier,
    LastModifiedDate: row.modified_at,
    LastModifiedUser: row.modified_by,
    DataType: 'text',
  }
}

function notFound(name: string): SsmError {
  return new SsmError('ParameterNotFound', `Parameter ${name} not found.`)
}

import { LandfallError } from '@landfall/model'
import { z } from 'zod'

/** One statement of a policy, every list written out. */
export interface PolicyStatement {
  readonly effect: 'Allow' | 'Deny'
  readonly actions: Selection
  readonly resources: Selection
  readonly conditions: readonly Condition[]
}

/** `Action` and `Resource`, or their `Not…` twins. */
export interface Selection {
  readonly patterns: readonly string[]
  /** True: everything but the patterns. */
  readonly negated: boolean
}

export interface Condition {
  /** As written: `ForAnyValue:StringLikeIfExists`. */
  readonly operator: string
  readonly key: string
  readonly values: readonly string[]
}

const strings = z.union([z.string(), z.array(z.string()).min(1).readonly()])
const scalars = z.union([z.string(), z.number(), z.boolean()])

/** AWS's grammar of a statement in an identity policy, which names no principal. */
const statementSchema = z
  .strictObject({
    Sid: z.string().optional(),
    Effect: z.enum(['Allow', 'Deny']),
    Action: strings.optional(),
    NotAction: strings.optional(),
    Resource: strings.optional(),
    NotResource: strings.optional(),
    Condition: z
      .record(z.string(), z.record(z.string(), z.union([scalars, z.array(scalars).readonly()])))
      .optional(),
  })
  .refine(({ Action, NotAction }) => (Action === undefined) !== (NotAction === undefined), {
    message: 'needs Action or NotAction, and not both',
  })
  .refine(({ Resource, NotResource }) => (Resource === undefined) !== (NotResource === undefined), {
    message: 'needs Resource or NotResource, and not both',
  })

const policySchema = z.strictObject({
  Version: z.enum(['2012-10-17', '2008-10-17']).optional(),
  Id: z.string().optional(),
  /** One or a list of them; taken for a list, so that an error tells the place in it. */
  Statement: z.preprocess(listOf, z.array(statementSchema).min(1)),
})

type RawStatement = z.infer<typeof statementSchema>

export interface PolicyDocument {
  readonly Statement: RawStatement | readonly RawStatement[]
}

/** A policy that is not one: IAM has a name of its own for that. */
export class MalformedPolicyError extends LandfallError {
  constructor(what: string) {
    super('validation', `The policy is not valid: ${what}`)
    this.name = 'MalformedPolicyError'
  }
}

/** The statements of a policy's JSON text. Throws `MalformedPolicyError` that names the place. */
export function readPolicy(text: string): PolicyStatement[] {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    throw new MalformedPolicyError('it is not JSON')
  }
  const result = policySchema.safeParse(document)
  if (result.success) return parsePolicy(result.data)
  const [issue] = result.error.issues
  const place = issue?.path.join('.') ?? ''
  throw new MalformedPolicyError(`${place === '' ? '' : `${place}: `}${issue?.message}`)
}

/** The statements of an identity policy in AWS's JSON, version 2012-10-17. */
export function parsePolicy(document: PolicyDocument): PolicyStatement[] {
  return listOf<RawStatement>(document.Statement).map((statement) => ({
    effect: statement.Effect,
    actions: selectionOf(statement.Action, statement.NotAction),
    resources: selectionOf(statement.Resource, statement.NotResource),
    conditions: Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, values]) => ({
        operator,
        key,
        values: listOf(values).map(String),
      })),
    ),
  }))
}

function selectionOf(
  plain: string | readonly string[] | undefined,
  negated: string | readonly string[] | undefined,
): Selection {
  return plain === undefined
    ? { patterns: listOf(negated ?? []), negated: true }
    : { patterns: listOf(plain), negated: false }
}

function listOf<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [value as T]
}

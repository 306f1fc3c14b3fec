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

interface RawStatement {
  readonly Effect: string
  readonly Action?: string | readonly string[]
  readonly NotAction?: string | readonly string[]
  readonly Resource?: string | readonly string[]
  readonly NotResource?: string | readonly string[]
  readonly Condition?: Readonly<
    Record<string, Readonly<Record<string, unknown> | undefined>> | undefined
  >
}

export interface PolicyDocument {
  readonly Statement: RawStatement | readonly RawStatement[]
}

/** The statements of an identity policy in AWS's JSON, version 2012-10-17. */
export function parsePolicy(document: PolicyDocument): PolicyStatement[] {
  return listOf(document.Statement).map((statement) => ({
    effect: statement.Effect === 'Allow' ? 'Allow' : 'Deny',
    actions: selectionOf(statement.Action, statement.NotAction),
    resources: selectionOf(statement.Resource, statement.NotResource),
    conditions: Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
      Object.entries(keys ?? {}).map(([key, values]) => ({
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

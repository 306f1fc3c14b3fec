import type { Condition } from './policy-document.ts'
import { matchesPattern, type PolicyContext } from './policy-pattern.ts'

type Compare = (wanted: string, actual: string, context: PolicyContext) => boolean

const equals: Compare = (wanted, actual, context) =>
  matchesPattern(wanted, actual, { context, wildcards: false })

const equalsIgnoringCase: Compare = (wanted, actual, context) =>
  equals(wanted.toLowerCase(), actual.toLowerCase(), context)

const like: Compare = (wanted, actual, context) =>
  matchesPattern(wanted, actual, { context, wildcards: true })

/** An ARN has six parts; a wildcard does not reach over the colons between them. */
const arnLike: Compare = (wanted, actual, context) => {
  const wantedParts = arnParts(wanted)
  const actualParts = arnParts(actual)
  if (wantedParts.length !== actualParts.length) return false
  return wantedParts.every((part, index) => like(part, actualParts[index]!, context))
}

/** Parts of an ARN; the last one keeps its colons, and so does a variable. */
function arnParts(arn: string): string[] {
  const parts = arn.split(/:(?![^{}]*\})/)
  return [...parts.slice(0, 5), parts.slice(5).join(':')]
}

const COMPARISONS: Readonly<Record<string, Compare>> = {
  StringEquals: equals,
  StringEqualsIgnoreCase: equalsIgnoringCase,
  StringLike: like,
  ArnEquals: arnLike,
  ArnLike: arnLike,
  Bool: equalsIgnoringCase,
}

const OPERATOR = /^(?:(ForAnyValue|ForAllValues):)?(String|Arn|Bool|Null)(Not)?(\w*?)(IfExists)?$/

/** Whether the condition holds, or `unknown` when its operator is not one of ours. */
export function evaluateCondition(
  condition: Condition,
  context: PolicyContext,
): boolean | 'unknown' {
  const [matched, quantifier, family, not, word, ifExists] = OPERATOR.exec(condition.operator) ?? []
  if (matched === undefined) return 'unknown'
  const actual = context.get(condition.key.toLowerCase())
  if (family === 'Null') {
    if (condition.operator !== 'Null') return 'unknown'
    return condition.values.some((value) => (value === 'true') === (actual === undefined))
  }
  const compare = COMPARISONS[`${family}${word}`]
  if (compare === undefined) return 'unknown'
  const negated = not !== undefined
  if (actual === undefined || actual.length === 0) {
    if (ifExists !== undefined || quantifier === 'ForAllValues') return true
    return negated && quantifier === undefined
  }
  const holdsFor = (value: string) =>
    condition.values.some((wanted) => compare(wanted, value, context)) !== negated
  const all = quantifier === 'ForAllValues' || (quantifier === undefined && negated)
  return all ? actual.every(holdsFor) : actual.some(holdsFor)
}

import { evaluateCondition } from './policy-condition.ts'
import type { PolicyStatement, Selection } from './policy-document.ts'
import { matchesPattern, type PolicyContext } from './policy-pattern.ts'

export interface AccessRequest {
  /** `mgn:StartTest`. */
  readonly action: string
  /** An ARN, or `*` for an operation that is about no resource. */
  readonly resource: string
  readonly context: PolicyContext
}

export type Decision = 'allowed' | 'explicit-deny' | 'implicit-deny'

/**
 * AWS's evaluation of identity policies: a statement that denies wins, then one that allows, else
 * the answer is no. A condition that is not understood can only take access away; it is reported.
 */
export function evaluateAccess(
  statements: readonly PolicyStatement[],
  request: AccessRequest,
  report: (message: string) => void,
): Decision {
  let decision: Decision = 'implicit-deny'
  for (const statement of statements) {
    if (!applies(statement, request, report)) continue
    if (statement.effect === 'Deny') return 'explicit-deny'
    decision = 'allowed'
  }
  return decision
}

function applies(
  statement: PolicyStatement,
  request: AccessRequest,
  report: (message: string) => void,
): boolean {
  const { context } = request
  const action = request.action.toLowerCase()
  if (!selects(lowerCase(statement.actions), action, context)) return false
  if (!selects(statement.resources, request.resource, context)) return false
  return statement.conditions.every((condition) => {
    const result = evaluateCondition(condition, context)
    if (result !== 'unknown') return result
    report(
      `policy condition operator ${condition.operator} is not supported; it ${
        statement.effect === 'Deny' ? 'denies' : 'does not allow'
      } ${request.action}`,
    )
    return statement.effect === 'Deny'
  })
}

function selects(selection: Selection, text: string, context: PolicyContext): boolean {
  const matched = selection.patterns.some((pattern) =>
    matchesPattern(pattern, text, { context, wildcards: true }),
  )
  return matched !== selection.negated
}

/** Action names are compared without regard to case. */
function lowerCase(selection: Selection): Selection {
  return { ...selection, patterns: selection.patterns.map((pattern) => pattern.toLowerCase()) }
}

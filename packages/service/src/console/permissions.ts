import type { Principal } from '../http/principal.ts'
import { evaluateAccess } from '../identity/evaluate.ts'

/**
 * Those of the actions that the caller may do to something: what the console offers. A policy may
 * still refuse one for the thing at hand; the call says so.
 */
export function permittedActions(
  { statements, context }: Principal,
  actions: readonly string[],
): string[] {
  const known = new Map(
    Object.entries(context).map(([key, value]) => [key.toLowerCase(), [value]] as const),
  )
  // Whatever resources a statement speaks of, and under whatever conditions: it allows something.
  const anything = { patterns: ['*'], negated: false }
  const allowing = statements
    .filter(({ effect }) => effect === 'Allow')
    .map((statement) => ({ ...statement, resources: anything, conditions: [] }))
  // What is denied for everything, always, is allowed for nothing.
  const denying = statements.filter(
    ({ effect, resources, conditions }) =>
      effect === 'Deny' &&
      conditions.length === 0 &&
      !resources.negated &&
      resources.patterns.includes('*'),
  )
  return actions.filter((action) => {
    const asked = { action, resource: '*', context: known }
    return evaluateAccess([...allowing, ...denying], asked, () => {}) === 'allowed'
  })
}

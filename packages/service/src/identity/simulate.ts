import type { Decision } from './evaluate.ts'
import { evaluateAccess } from './evaluate.ts'
import { readPolicy, type PolicyStatement } from './policy-document.ts'

/** One of SimulatePrincipalPolicy's questions: may this action be done to that resource? */
export interface Simulation {
  readonly statements: readonly PolicyStatement[]
  /** Further policies, as JSON, that are taken as if the principal had them. */
  readonly policies: readonly string[]
  readonly actions: readonly string[]
  readonly resources: readonly string[]
  readonly context: ReadonlyMap<string, readonly string[]>
}

/** IAM's words for our decisions. */
const DECISIONS: Readonly<Record<Decision, string>> = {
  allowed: 'allowed',
  'explicit-deny': 'explicitDeny',
  'implicit-deny': 'implicitDeny',
}

/** What each action on each resource comes to, in IAM's words. Nothing is done or recorded. */
export function simulate(simulation: Simulation): object[] {
  const { actions, resources, context } = simulation
  const statements = [...simulation.statements, ...simulation.policies.flatMap(readPolicy)]
  return actions.flatMap((action) =>
    resources.map((resource) => {
      const decision = evaluateAccess(statements, { action, resource, context }, () => {})
      return {
        EvalActionName: action,
        EvalResourceName: resource,
        EvalDecision: DECISIONS[decision],
        MatchedStatements: [],
        MissingContextValues: [],
      }
    }),
  )
}

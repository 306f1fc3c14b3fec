import { PREFLIGHT_SEVERITIES, type PreflightFinding } from '@landfall/model'
import type { GuestFacts } from '../facts/guest-facts.ts'
import type { PreflightContext } from './rule.ts'
import { PREFLIGHT_RULES } from './rules.ts'

/** What the rules find in a guest, the most severe first. */
export function runPreflight(facts: GuestFacts, context: PreflightContext): PreflightFinding[] {
  const findings = PREFLIGHT_RULES.flatMap(({ id, severity, about, title, remedy, check }) => {
    const details = check(facts, context)
    return details === undefined ? [] : [{ rule: id, severity, about, title, details, remedy }]
  })
  return findings.toSorted((a, b) => rank(a) - rank(b))
}

function rank({ severity }: PreflightFinding): number {
  return PREFLIGHT_SEVERITIES.indexOf(severity)
}

import { PREFLIGHT_SEVERITIES, type PreflightCounts, type PreflightReport } from '@landfall/model'
import type { ServiceClient } from '../service-client/service-client.ts'

/** Servers asked for in one call: the service takes no more. */
const COUNTED_AT_ONCE = 200

/** Listed of one finding, for a person; `--json` has all. */
const DETAILS_MAX = 8

const HEADINGS = { blocker: 'BLOCKER', warning: 'WARNING', information: 'INFO' } as const

export function getPreflight(
  client: ServiceClient,
  sourceServerID: string,
  signal: AbortSignal,
): Promise<PreflightReport> {
  return client.landfall('GetPreflight', { sourceServerID }, signal)
}

/** By server; one that was not looked at yet is not among them. */
export async function countPreflight(
  client: ServiceClient,
  sourceServerIDs: readonly string[],
  signal: AbortSignal,
): Promise<Readonly<Record<string, PreflightCounts>>> {
  let all: Readonly<Record<string, PreflightCounts>> = {}
  for (let from = 0; from < sourceServerIDs.length; from += COUNTED_AT_ONCE) {
    const some = sourceServerIDs.slice(from, from + COUNTED_AT_ONCE)
    const { counts } = await client.landfall<{ counts: Record<string, PreflightCounts> }>(
      'ListPreflightCounts',
      { sourceServerIDs: some },
      signal,
    )
    all = { ...all, ...counts }
  }
  return all
}

/** What was found, the most severe first, each with what to do. */
export function describePreflight(report: PreflightReport): string {
  const { live, point, findings } = report
  const lines = [
    `Server       ${report.sourceServerID}`,
    `Live         ${live === null ? 'not looked at yet' : `as of ${live.lookedAt}`}`,
    `Point        ${describePoint(point)}`,
  ]
  if (live === null && point === null) return lines.join('\n')
  if (findings.length === 0) return [...lines, '', 'Nothing was found.'].join('\n')
  for (const { severity, rule, title, details, remedy, sources } of findings) {
    const seen = sources.map((source) => source.toLowerCase()).join(', ')
    lines.push('', `${HEADINGS[severity].padEnd(8)} ${title}  [${rule}; ${seen}]`)
    for (const detail of details.slice(0, DETAILS_MAX)) lines.push(`         - ${detail}`)
    const more = details.length - DETAILS_MAX
    if (more > 0) lines.push(`         - and ${more} more`)
    lines.push(`         ${remedy}`)
  }
  return lines.join('\n')
}

function describePoint(point: PreflightReport['point']): string {
  if (point === null) return 'not looked at yet'
  const { pointID, lookedAt, error } = point
  if (error !== undefined) return `${pointID} could not be looked at on ${lookedAt}: ${error}`
  return `${pointID}, looked at on ${lookedAt}`
}

/** `2 blockers, 1 warning`; `ok` when there is neither. */
export function countsText(counts: PreflightCounts | undefined): string {
  if (counts === undefined) return '-'
  const parts = PREFLIGHT_SEVERITIES.flatMap((severity) => {
    const count = counts[severity]
    if (severity === 'information' || count === 0) return []
    return [`${count} ${severity}${count === 1 ? '' : 's'}`]
  })
  return parts.join(', ') || 'ok'
}

import { runPreflight, type PreflightContext } from '@landfall/guest'
import {
  PREFLIGHT_SEVERITIES,
  type PreflightCounts,
  type PreflightFinding,
  type PreflightReport,
  type PreflightSource,
} from '@landfall/model'
import type { SourceServerRow } from '../source-servers/tables.ts'
import type { GuestFactsRow } from './tables.ts'

type Finding = PreflightReport['findings'][number]
/** A server, and what the facts of its guest are held against. */
export interface ServerFacts {
  readonly server: Pick<SourceServerRow, 'source_server_id' | 'properties'>
  /** Of its encrypted disks one is kept. */
  readonly hasPassphrase: boolean
  readonly launch: PreflightContext['launch']
}

/** What the rules find in all that was seen of a server, held against what is replicated of it. */
export function reportPreflight(
  facts: ServerFacts,
  rows: readonly GuestFactsRow[],
): PreflightReport {
  const live = rows.find(({ source }) => source === 'LIVE')
  const point = rows.find(({ source }) => source === 'POINT')
  return {
    sourceServerID: facts.server.source_server_id,
    live: live === undefined ? null : { lookedAt: live.looked_at.toISOString() },
    point: point === undefined ? null : viewPoint(point),
    findings: findIn(facts, rows),
  }
}

export function countPreflight(
  server: ServerFacts,
  rows: readonly GuestFactsRow[],
): PreflightCounts {
  const findings = findIn(server, rows)
  const counts = PREFLIGHT_SEVERITIES.map((severity) => {
    return [severity, findings.filter((finding) => finding.severity === severity).length] as const
  })
  return Object.fromEntries(counts) as Record<PreflightFinding['severity'], number>
}

function viewPoint({ looked_at: at, point_id: pointID, error }: GuestFactsRow) {
  return {
    lookedAt: at.toISOString(),
    pointID: pointID ?? '',
    ...(error !== null && { error }),
  }
}

/** What both show is there once, with the details of both. */
function findIn(server: ServerFacts, rows: readonly GuestFactsRow[]): Finding[] {
  const context = contextOf(server)
  const merged = new Map<string, Finding>()
  for (const { source, facts } of rows.toSorted((a, b) => a.source.localeCompare(b.source))) {
    if (facts === null) continue
    for (const finding of runPreflight(facts, context)) merge(merged, finding, source)
  }
  return [...merged.values()].toSorted((a, b) => rank(a) - rank(b))
}

function merge(
  merged: Map<string, Finding>,
  finding: PreflightFinding,
  source: PreflightSource,
): void {
  const known = merged.get(finding.rule)
  merged.set(finding.rule, {
    ...finding,
    details: [...new Set([...(known?.details ?? []), ...finding.details])],
    sources: [...(known?.sources ?? []), source],
  })
}

function rank({ severity }: PreflightFinding): number {
  return PREFLIGHT_SEVERITIES.indexOf(severity)
}

function contextOf({ server, hasPassphrase, launch }: ServerFacts): PreflightContext {
  const { disks, firmware } = server.properties
  return { disks, firmware, hasPassphrase, launch }
}

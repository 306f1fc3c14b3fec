import {
  type ReplicationDescription,
  scrubPercent,
  type ScrubReport,
  unrepairedBytes,
} from '@landfall/model'
import { formatBytes, formatTable } from '../table.ts'

/** Listed for a person; `--json` has more. */
const LISTED_MAX = 5

/** How far the comparison of source and replica is, and every defect there was. */
export function describeScrub(replication: ReplicationDescription): string {
  const { report, mismatches } = replication
  const scrub = report?.scrub
  return [
    ...(scrub === undefined ? ['Scrub        -'] : scrubLines(scrub)),
    `Mismatches   ${mismatchesText(replication)}`,
    ...(mismatches.found === 0 ? [] : ['', mismatchTable(mismatches.newest)]),
  ].join('\n')
}

function scrubLines(scrub: ScrubReport): string[] {
  const { bytesPerSecond, startedAt, lastPass } = scrub
  const rate = bytesPerSecond === 0 ? 'switched off' : `${formatBytes(bytesPerSecond)}/s`
  const last =
    lastPass === undefined
      ? 'none yet'
      : `from ${lastPass.startedAt} to ${lastPass.endedAt}` +
        (lastPass.changingBytes === 0
          ? ''
          : `, but for ${formatBytes(lastPass.changingBytes)} that were written all the time`)
  return [
    `Scrub        ${scrubPercent(scrub)} % found equal since ${startedAt}, ${rate}`,
    `Whole pass   ${last}`,
  ]
}

function mismatchesText(replication: ReplicationDescription): string {
  const { found, differentBytes } = replication.mismatches
  if (found === 0) return 'none'
  const open = unrepairedBytes(replication)
  const rest = open === 0 ? 'sent again' : `${formatBytes(open)} not found equal again yet`
  return `${found} (${formatBytes(differentBytes)}); ${rest}`
}

function mismatchTable(newest: ReplicationDescription['mismatches']['newest']): string {
  return formatTable(
    ['FOUND AT', 'BY', 'DISK', 'OFFSET', 'DIFFERENT', 'IN'],
    newest
      .slice(0, LISTED_MAX)
      .map(({ foundAt, foundBy, deviceName, offset, differentBytes, pointID }) => [
        foundAt,
        foundBy,
        deviceName,
        String(offset),
        formatBytes(differentBytes),
        pointID ?? 'replica',
      ]),
  )
}

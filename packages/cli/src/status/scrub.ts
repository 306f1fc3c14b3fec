import type { ReplicationDescription, ScrubReport } from '@landfall/model'
import { formatBytes, formatTable } from '../table.ts'

/** Listed for a person; `--json` has more. */
const LISTED_MAX = 5

/** How far the comparison of source and replica is, and every defect there was. */
export function describeScrub({ report, mismatches }: ReplicationDescription): string {
  const scrub = report?.scrub
  return [
    ...(scrub === undefined ? ['Scrub        -'] : scrubLines(scrub)),
    `Mismatches   ${mismatchesText(scrub, mismatches)}`,
    ...(mismatches.found === 0 ? [] : ['', mismatchTable(mismatches.newest)]),
  ].join('\n')
}

function scrubLines({ bytesPerSecond, startedAt, disks, lastPass }: ScrubReport): string[] {
  const total = sum(disks.map((disk) => disk.totalBytes))
  const verified = sum(disks.map((disk) => disk.verifiedBytes))
  const percent = total === 0 ? 100 : Math.floor((100 * verified) / total)
  const rate = bytesPerSecond === 0 ? 'switched off' : `${formatBytes(bytesPerSecond)}/s`
  const last =
    lastPass === undefined
      ? 'none yet'
      : `from ${lastPass.startedAt} to ${lastPass.endedAt}` +
        (lastPass.changingBytes === 0
          ? ''
          : `, but for ${formatBytes(lastPass.changingBytes)} that were written all the time`)
  return [
    `Scrub        ${percent} % found equal since ${startedAt}, ${rate}`,
    `Whole pass   ${last}`,
  ]
}

function mismatchesText(
  scrub: ScrubReport | undefined,
  { found, differentBytes }: ReplicationDescription['mismatches'],
): string {
  if (found === 0) return 'none'
  const open = sum((scrub?.disks ?? []).map((disk) => disk.unrepairedBytes))
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

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

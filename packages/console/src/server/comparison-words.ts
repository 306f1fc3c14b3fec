import {
  formatBytes,
  type ReplicationDescription,
  scrubPercent,
  unrepairedBytes,
} from '@landfall/model'

/** How much of the disks the present comparison of source and replica has found equal. */
export function comparisonText({ report }: ReplicationDescription): string {
  const scrub = report?.scrub
  if (scrub === undefined) return '–'
  const isOff = scrub.bytesPerSecond === 0
  return `${scrubPercent(scrub)} % found equal${isOff ? ', switched off' : ''}`
}

/** Every defect there was, and how much of it was not found repaired yet. */
export function mismatchesText(replication: ReplicationDescription): string {
  const { found, differentBytes } = replication.mismatches
  if (found === 0) return 'None'
  const open = unrepairedBytes(replication)
  const rest = open === 0 ? 'sent again' : `${formatBytes(open)} not found equal again yet`
  return `${found} (${formatBytes(differentBytes)}); ${rest}`
}

import type { SeenStages } from '@landfall/model'
import { formatBytes, formatTable } from '../table.ts'

/** The stages in their order, and which of them holds the others up. */
export function describeStages({ loads, bottleneck, reportedAt }: SeenStages): string {
  const table = formatTable(
    ['STAGE', 'RATE', 'BUSY'],
    loads.map(({ stage, bytesPerSecond, utilisation }) => [
      stage,
      `${formatBytes(bytesPerSecond)}/s`,
      `${Math.round(utilisation * 100)} %`,
    ]),
  )
  const slowest =
    bottleneck === null ? 'none: nothing waits' : `${bottleneck.stage}. ${bottleneck.sentence}`
  return `${table}\n\nBottleneck   ${slowest}\nAs of        ${reportedAt}`
}

import type { ReplicationHistorySample } from '@landfall/model'
import type { ReplicationSampleRow } from './tables.ts'

const MINUTE_MS = 60_000

/** Of one answer, or one more: as many as a chart can show side by side. */
export const SAMPLES_MAX = 300

/** How far apart the samples of so long a span are, in whole minutes. */
export function intervalMs(spanMs: number): number {
  return Math.max(1, Math.ceil(spanMs / SAMPLES_MAX / MINUTE_MS)) * MINUTE_MS
}

type Row = Pick<
  ReplicationSampleRow,
  'at' | 'state' | 'lag_seconds' | 'backlog_bytes' | 'wire_bytes'
>

/**
 * Samples in the order of time, thinned to one for each interval that has any. Of lag and backlog
 * the worst is kept, as that is what is looked for; the state is the last one. What was sent is
 * counted from the sample before, so the first has nothing.
 */
export function downsample(
  rows: readonly Row[],
  everyMs: number,
): readonly ReplicationHistorySample[] {
  const sentBytes = new Map(rows.map((row, index) => [row, sentSince(rows[index - 1], row)]))
  const slots = Map.groupBy(rows, ({ at }) => Math.floor(at.getTime() / everyMs))
  return [...slots.values()].flatMap((slot) => {
    const last = slot.at(-1)
    if (last === undefined) return []
    const lags = slot.flatMap((row) => row.lag_seconds ?? [])
    return {
      at: last.at.toISOString(),
      state: last.state,
      ...(lags.length > 0 && { lagSeconds: Math.max(...lags) }),
      backlogBytes: Math.max(...slot.map((row) => row.backlog_bytes)),
      sentBytes: slot.reduce((sum, row) => sum + (sentBytes.get(row) ?? 0), 0),
    }
  })
}

/** An agent that was started anew counts from 0. */
function sentSince(before: Row | undefined, row: Row): number {
  if (before === undefined) return 0
  const more = row.wire_bytes - before.wire_bytes
  return more < 0 ? row.wire_bytes : more
}

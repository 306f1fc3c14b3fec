import { newId } from '@landfall/model'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Figure, type Row, significant, type Surroundings, withinLimit } from '../figure.ts'
import { percentile } from '../statistics.ts'
import { withWrittenServer, type WrittenServer } from '../written-server.ts'

/** For each of three loads: a server keeps a hundred in all. */
const POINTS = 30
const BETWEEN_POINTS_MS = 500
const FREEZE_MS_MAX = 100
/** With so many points refused one after the other, more attempts tell nothing new. */
const REFUSALS_MAX = 2
/** A busy server; a very busy one. */
const RATES_IOPS = [1000, 10_000]
/** Longer than all points take; the load is ended with the last one. */
const LOAD_SECONDS = 3600

/** How long file systems stand still for a point while the disk is written to. */
export const freeze: Figure = {
  name: 'freeze',
  programs: ['fio', 'losetup', 'blockdev'],
  async measure(surroundings) {
    return await withWrittenServer(surroundings, async (server) => {
      const rows: Row[] = []
      for (const iops of [...RATES_IOPS, server.halfRateIops]) {
        rows.push(await freezeUnder(iops, server, surroundings))
      }
      return rows
    })
  },
}

async function freezeUnder(
  iops: number,
  { replicator, writes }: WrittenServer,
  { log, signal }: Surroundings,
): Promise<Row> {
  const end = new AbortController()
  const load = writes.run({
    seconds: LOAD_SECONDS,
    iopsMax: iops,
    signal: AbortSignal.any([signal, end.signal]),
  })
  // It is always ended here, which it takes for a failure.
  const ended = load.catch(() => undefined)
  const frozenMs: number[] = []
  try {
    for (let refused = 0; frozenMs.length < POINTS && refused < REFUSALS_MAX;) {
      await sleep(BETWEEN_POINTS_MS, undefined, { signal })
      try {
        frozenMs.push((await replicator.point(newId('point'))).freezeMs)
      } catch (error) {
        refused += 1
        log(`freeze: no point: ${String(error)}`)
      }
    }
  } finally {
    end.abort()
    await ended
  }
  log(`freeze: ${frozenMs.length} points, median ${significant(percentile(frozenMs, 0.5))} ms`)
  return withinLimit({
    figure: `freeze p99 over ${frozenMs.length} of ${POINTS} points, ${significant(iops)} writes/s of 4 KiB`,
    // A point that did not come about is no short freeze.
    value: frozenMs.length < POINTS ? Infinity : percentile(frozenMs, 0.99),
    limit: FREEZE_MS_MAX,
    unit: 'ms',
  })
}

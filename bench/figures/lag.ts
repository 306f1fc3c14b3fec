import { type Figure, significant, withinLimit } from '../figure.ts'
import { percentile } from '../statistics.ts'
import { withWrittenServer } from '../written-server.ts'

const SECONDS = 60
const LAG_SECONDS_MAX = 2

/** How far the replica is behind while the disk is written to at half its rate. */
export const lag: Figure = {
  name: 'lag',
  programs: ['fio', 'losetup', 'blockdev'],
  async measure(surroundings) {
    return await withWrittenServer(surroundings, async ({ replicator, writes, halfRateIops }) => {
      const load = writes.run({ seconds: SECONDS, iopsMax: halfRateIops })
      const samples = await replicator.lagWhile(load)
      const rate = significant(await load)
      surroundings.log(`lag: median ${significant(percentile(samples, 0.5))} s at ${rate} writes/s`)
      return [
        withinLimit({
          figure: `lag p99, 4 KiB random writes at half the disk’s rate (${rate}/s)`,
          value: percentile(samples, 0.99),
          limit: LAG_SECONDS_MAX,
          unit: 's',
        }),
      ]
    })
  },
}

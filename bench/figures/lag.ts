import { type Figure, type Row, significant, type Surroundings, withinLimit } from '../figure.ts'
import { percentile } from '../statistics.ts'
import { withWrittenServer, type WrittenServer } from '../written-server.ts'

const SECONDS = 60
const LAG_SECONDS_MAX = 2
/** A very busy database, and less than two cores carry here. */
const MODERATE_IOPS = 10_000

/** How far the replica is behind while the disk is written to at random places. */
export const lag: Figure = {
  name: 'lag',
  programs: ['fio', 'losetup', 'blockdev'],
  async measure(surroundings) {
    return await withWrittenServer(surroundings, async (server) => [
      await lagUnder(MODERATE_IOPS, '', server, surroundings),
      await lagUnder(server.halfRateIops, ', half the disk’s rate', server, surroundings),
    ])
  },
}

async function lagUnder(
  iopsMax: number,
  what: string,
  { replicator, writes }: WrittenServer,
  { log }: Surroundings,
): Promise<Row> {
  const load = writes.run({ seconds: SECONDS, iopsMax })
  const samples = await replicator.lagWhile(load)
  const rate = significant(await load)
  log(`lag: median ${significant(percentile(samples, 0.5))} s at ${rate} writes/s`)
  return withinLimit({
    figure: `lag p99, ${rate} random writes of 4 KiB a second${what}`,
    value: percentile(samples, 0.99),
    limit: LAG_SECONDS_MAX,
    unit: 's',
  })
}

import { Installation } from '../../test/installation.ts'
import { type Figure, significant, withinLimit } from '../figure.ts'
import { memoryMiB, processIDIn } from '../process-use.ts'
import { registerServer } from '../registered-server.ts'
import { RunningReplicator } from '../running-replicator.ts'
import { randomDisk } from '../source-disk.ts'

const GIB = 1024 ** 3
const SERVERS = 3
const MIB_MAX = 100

/**
 * Memory of the replication server for each source server, the storage daemons not counted. One
 * process serves all: what the first adds is shown beside the whole, and the whole of several
 * divided by their number.
 */
export const replicationServerMemory: Figure = {
  name: 'replication-server-memory',
  programs: ['losetup', 'blockdev', 'dd'],
  async measure({ log, signal }) {
    await using installation = await Installation.start()
    const processID = await processIDIn(`${installation.dataDir}/run/staging.pid`)
    const before = await memoryMiB(processID, 'VmRSS')
    log(`replication server: ${significant(before)} MiB before`)
    await using resources = new AsyncDisposableStack()
    const disk = resources.use(await randomDisk(GIB))
    const highest: number[] = []
    for (let count = 1; count <= SERVERS; count++) {
      // The same disk again and again: only the replication server is looked at.
      const servers = await Promise.all(
        Array.from({ length: count }, () => registerServer(installation, [disk.device], signal)),
      )
      await using replicators = new AsyncDisposableStack()
      const running = await Promise.all(
        servers.map(async (server) =>
          replicators.use(await RunningReplicator.start(server, { signal })),
        ),
      )
      await Promise.all(running.map((replicator) => replicator.until('CONTINUOUS')))
      highest.push(await memoryMiB(processID, 'VmHWM'))
      log(`replication server: highest ${significant(highest.at(-1) ?? NaN)} MiB with ${count}`)
    }
    const [first = NaN] = highest
    const last = highest.at(-1) ?? NaN
    return [
      {
        figure: 'highest RSS of the replication server, one source server in initial sync',
        ours: `${significant(first)} MiB`,
        peer: `${significant(before)} MiB with none`,
        ratio: first / before,
      },
      withinLimit({
        figure: 'what that source server adds',
        value: first - before,
        limit: MIB_MAX,
        unit: 'MiB',
      }),
      withinLimit({
        figure: `all for each of ${SERVERS} source servers at once`,
        value: last / SERVERS,
        limit: MIB_MAX,
        unit: 'MiB',
      }),
    ]
  },
}

import { Installation } from '../test/installation.ts'
import { LoopDisk } from '../test/loop-disk.ts'
import { significant, type Surroundings } from './figure.ts'
import { RandomWrites } from './random-writes.ts'
import { registerServer } from './registered-server.ts'
import { RunningReplicator } from './running-replicator.ts'

const DISK_BYTES = 2 * 1024 ** 3
const MEASURE_SECONDS = 10

/** A replicated disk with a file system that is written to at random places. */
export interface WrittenServer {
  readonly replicator: RunningReplicator
  readonly writes: RandomWrites
  /** Half the writes a second that the disk took while nothing was replicated. */
  readonly halfRateIops: number
}

/** Calls `measure` once the server is CONTINUOUS; takes everything away afterwards. */
export async function withWrittenServer<T>(
  { log, signal }: Surroundings,
  measure: (server: WrittenServer) => Promise<T>,
): Promise<T> {
  await using installation = await Installation.start()
  await using disk = await LoopDisk.create(DISK_BYTES)
  const writes = await RandomWrites.prepare(await disk.mountExt4(), signal)
  const iops = await writes.run({ seconds: MEASURE_SECONDS })
  log(`the disk takes ${significant(iops)} writes of 4 KiB a second`)
  const server = await registerServer(installation, [disk.device], signal)
  await using replicator = await RunningReplicator.start(server, { signal })
  await replicator.until('CONTINUOUS')
  return await measure({ replicator, writes, halfRateIops: iops / 2 })
}

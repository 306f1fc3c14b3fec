import { setTimeout as sleep } from 'node:timers/promises'
import { Installation, run } from '../../test/installation.ts'
import { type Figure, significant, type Surroundings } from '../figure.ts'
import { secondsOf } from '../peer-export.ts'
import { nbdSocket, registerServer } from '../registered-server.ts'
import { RunningReplicator } from '../running-replicator.ts'
import { forgetCache, randomDisk } from '../source-disk.ts'
import { OTHER_DISK } from '../other-disk.ts'
import { median } from '../statistics.ts'

const GIB = 1024 ** 3
const MIB = 1024 * 1024
const DISK_BYTES = 8 * GIB
const RUNS = 3
const WIRE_SHARE_MAX = 0.001
const LOOK_MS = 200

/** A rescan of a disk that did not change: what it moves, and how fast it is. */
export const rescan: Figure = {
  name: 'rescan',
  programs: ['nbdcopy', 'dd', 'ss', 'losetup', 'blockdev'],
  async measure(surroundings) {
    const { log, signal } = surroundings
    await using installation = await Installation.start(OTHER_DISK)
    await using disk = await randomDisk(DISK_BYTES)
    const server = await registerServer(installation, [disk.device], signal)
    log('rescan: first the initial sync')
    {
      await using first = await RunningReplicator.start(server, { signal })
      await first.until('CONTINUOUS')
    }
    const replica = `nbd+unix:///volume-0?socket=${nbdSocket(installation, server.sourceServerID)}`
    const seconds = { rescan: [] as number[], source: [] as number[], replica: [] as number[] }
    const wireBytes: number[] = []
    for (let turn = 0; turn < RUNS; turn++) {
      await forgetCache(disk.device)
      const read = ['dd', `if=${disk.device}`, 'of=/dev/null', 'bs=1M', 'iflag=direct']
      seconds.source.push(await secondsOf(read, signal))
      seconds.replica.push(await secondsOf(['nbdcopy', replica, 'null:'], signal))
      await using replicator = await RunningReplicator.start(server, { signal })
      const taken = await rescanOnce(replicator, installation.replicationPort, surroundings)
      seconds.rescan.push(taken.seconds)
      wireBytes.push(taken.wireBytes)
      log(
        `rescan: ${significant(taken.seconds)} s, ${significant(taken.wireBytes / MIB)} MiB moved`,
      )
    }
    const slower = Math.max(median(seconds.source), median(seconds.replica))
    const rate = (of: number): string => `${significant(DISK_BYTES / MIB / of)} MiB/s`
    const ends = `source ${rate(median(seconds.source))}, replica ${rate(median(seconds.replica))}`
    return [
      {
        figure: 'rescan of an unchanged 8 GiB disk: bytes on the wire ÷ size',
        ours: `${significant(median(wireBytes) / MIB)} MiB`,
        peer: `${DISK_BYTES / MIB} MiB`,
        ratio: median(wireBytes) / DISK_BYTES,
        target: { atMost: WIRE_SHARE_MAX },
      },
      {
        figure: 'its rate beside reading the slower end',
        ours: rate(median(seconds.rescan)),
        peer: ends,
        ratio: slower / median(seconds.rescan),
        target: { atLeast: 0.7 },
      },
    ]
  },
}

/** Waits for the end of the rescan; what the connections carried both ways until then. */
async function rescanOnce(
  replicator: RunningReplicator,
  port: number,
  { signal }: Surroundings,
): Promise<{ seconds: number; wireBytes: number }> {
  const start = await replicator.until('RESCAN')
  let wireBytes = 0
  const looking = new AbortController()
  const look = (async () => {
    while (!looking.signal.aborted) {
      wireBytes = Math.max(wireBytes, await bytesOfConnections(port))
      await sleep(LOOK_MS, undefined, { signal })
    }
  })()
  try {
    const end = await replicator.until('CONTINUOUS')
    wireBytes = Math.max(wireBytes, await bytesOfConnections(port))
    return { seconds: (end.atMs - start.atMs) / 1000, wireBytes }
  } finally {
    looking.abort()
    await look
  }
}

/** Bytes sent and received so far over connections to the port, TLS and handshakes included. */
async function bytesOfConnections(port: number): Promise<number> {
  const { stdout } = await run('ss', ['-tinH', 'dport', '=', `:${port}`])
  return [...stdout.matchAll(/bytes_(?:sent|received):(\d+)/g)].reduce(
    (sum, [, bytes]) => sum + Number(bytes),
    0,
  )
}

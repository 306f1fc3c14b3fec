import { Installation, run } from '../../test/installation.ts'
import { LoopDisk } from '../../test/loop-disk.ts'
import { type Figure, type Row, significant } from '../figure.ts'
import { RandomWrites } from '../random-writes.ts'
import { OTHER_DISK } from '../other-disk.ts'
import { stagingProcesses } from '../process-use.ts'
import { registerServer, type RegisteredServer } from '../registered-server.ts'
import { RunningReplicator } from '../running-replicator.ts'
import { median } from '../statistics.ts'

const DISK_BYTES = 2 * 1024 ** 3
const RUNS = 3
const SECONDS = 15

/**
 * Writes a second that fio gets, with the disk replicated and without. Replication server and
 * storage daemon, which belong on another machine, take only what is left of the CPUs, and write
 * to another disk.
 */
export const overhead: Figure = {
  name: 'overhead',
  programs: ['fio', 'losetup', 'blockdev', 'chrt'],
  async measure(surroundings) {
    const { signal, log } = surroundings
    await using installation = await Installation.start(OTHER_DISK)
    await using disk = await LoopDisk.create(DISK_BYTES)
    const writes = await RandomWrites.prepare(await disk.mountExt4(), signal)
    const [without, with_] = [[] as number[], [] as number[]]
    const pace = { withoutPaced: [] as number[], withPaced: [] as number[] }
    for (let turn = 0; turn < RUNS; turn++) {
      without.push(await writes.run({ seconds: SECONDS }))
      const iopsMax = median(without) / 2
      pace.withoutPaced.push(await writes.run({ seconds: SECONDS, iopsMax }))
      const server = await registerServer(installation, [disk.device], signal)
      await using replicator = await RunningReplicator.start(server, { isNiced: true, signal })
      await replicator.until('CONTINUOUS')
      await giveWayEntirely(installation, server)
      with_.push(await writes.run({ seconds: SECONDS }))
      pace.withPaced.push(await writes.run({ seconds: SECONDS, iopsMax }))
      const [bare, loaded] = [without.at(-1) ?? NaN, with_.at(-1) ?? NaN]
      log(`overhead: ${significant(bare)} writes/s, ${significant(loaded)} with the agent`)
    }
    return [
      row('as fast as the disk takes them', with_, without),
      row('at half the disk’s rate', pace.withPaced, pace.withoutPaced),
    ]
  },
}

/** SCHED_IDLE for the staging area's programs: they run when nobody else wants to. */
async function giveWayEntirely(
  installation: Installation,
  { sourceServerID }: RegisteredServer,
): Promise<void> {
  const { server, daemon } = await stagingProcesses(installation, sourceServerID)
  for (const processID of [server, daemon]) {
    await run('chrt', ['--all-tasks', '--idle', '--pid', '0', String(processID)])
  }
}

function row(how: string, ours: readonly number[], bare: readonly number[]): Row {
  return {
    figure: `fio writes a second with the agent, ${how}`,
    ours: `${significant(median(ours))}/s`,
    peer: `${significant(median(bare))}/s without`,
    ratio: median(ours) / median(bare),
    target: { atLeast: 0.95 },
  }
}

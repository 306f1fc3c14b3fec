import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { InstalledAgent } from './agent.ts'
import { Installation } from './installation.ts'
import { LoopDisk } from './loop-disk.ts'

const DISK_BYTES = 256 * 1024 * 1024
const KILLS = 10
const PAUSE_MS_MAX = 3000
/** Restarts come after growing pauses; a victim that is away for longer is not coming back. */
const ABSENCE_MS_MAX = 60_000

type Victim = (installation: Installation, agent: InstalledAgent) => Promise<number>

const fromPidFile =
  (name: (agent: InstalledAgent) => string): Victim =>
  async (installation, agent) => {
    const text = await readFile(join(installation.dataDir, 'run', name(agent)), 'utf8')
    // The supervisor's files hold the start time too, so that it never ends another process.
    return Number(/\d+/.exec(text)?.[0])
  }

const VICTIMS: Record<string, Victim> = {
  agent: (_, agent) => agent.processID(),
  'replication server': fromPidFile(() => 'staging.pid'),
  'storage daemon': fromPidFile((agent) => join('staging', agent.sourceServerID, 'daemon.pid')),
  service: fromPidFile(() => 'service.pid'),
}

for (const [name, victim] of Object.entries(VICTIMS)) {
  test(`killing the ${name} ${KILLS} times under load loses nothing`, async () => {
    await using installation = await Installation.start()
    await using disk = await LoopDisk.create(DISK_BYTES)
    const folder = await disk.mountExt4()
    await using agent = await InstalledAgent.install(installation, [disk.device])
    await installation.untilContinuous(agent.sourceServerID)

    const load = startLoad(folder)
    try {
      for (let kill = 0; kill < KILLS; kill += 1) {
        await pause(Math.random() * PAUSE_MS_MAX)
        await killOnce(() => victim(installation, agent))
      }
    } finally {
      load.kill()
    }
    await installation.untilContinuous(agent.sourceServerID)
    const answer = await installation.landfall('points', 'verify', agent.sourceServerID, '--json')
    const report = JSON.parse(answer) as {
      disks: { comparedBytes: number; equalBytes: number; differentBytes: number }[]
    }
    assert.equal(report.disks.length, 1)
    for (const compared of report.disks) {
      assert.equal(compared.differentBytes, 0)
      assert.equal(compared.comparedBytes, DISK_BYTES)
    }
  })
}

/** The process may be restarting: the PID file is then read again until it names a living one. */
async function killOnce(find: () => Promise<number>): Promise<void> {
  const deadline = Date.now() + ABSENCE_MS_MAX
  for (;;) {
    try {
      process.kill(await find(), 'SIGKILL')
      return
    } catch (error) {
      if (Date.now() > deadline) throw new Error('It was not started again', { cause: error })
      await pause(100) // Not back yet.
    }
  }
}

function startLoad(folder: string) {
  const job = [
    '--name=load',
    `--directory=${folder}`,
    '--size=64m',
    '--time_based',
    '--runtime=900',
  ]
  return spawn(
    'fio',
    [...job, '--rw=randwrite', '--bs=4k', '--fsync=8', '--rate_iops=300', '--output=/dev/null'],
    { stdio: 'ignore' },
  )
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

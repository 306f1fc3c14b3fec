import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { InstalledAgent } from './agent.ts'
import { Installation, run } from './installation.ts'
import { LoopDisk } from './loop-disk.ts'

/** More than is sent, throttled or beside the hogs, before the bottleneck was read. */
const DISK_MIB = 1024
const THROTTLE_MBPS = 50
/** What the throttle promises. */
const THROTTLE_ERROR_MAX = 0.05
const HOGS_PER_CPU = 2
/** The hogs get less than all CPUs: other programs of the test and of the machine take some. */
const OTHERS_MIN = 0.5
/** Reports in a row that must say the same: the agent looks back over several seconds. */
const REPORTS = 3
const DEADLINE_MS = 60_000

const THROTTLED = new RegExp(
  String.raw`^wire\. The wire carries (?<mbps>\S+) of the 50\.0 Mbit/s set as bandwidth throttling ` +
    String.raw`and is busy \d+ % of the time: raise bandwidthThrottling to go faster\.$`,
)
const STARVED = new RegExp(
  String.raw`^compress\. The agent waits for a CPU \d+ % of the time and has one \d+ %: it keeps ` +
    String.raw`\S+ CPUs of the source server busy, and other programs (?<others>\S+)\. At niceness ` +
    String.raw`15 the agent gives way to them: raise its priority, or give the server more CPU\.$`,
)

test('status names a throttled wire, and the CPU when hogs have it', async () => {
  await using installation = await Installation.start()
  await installation.throttleNewServers(THROTTLE_MBPS)
  await using disk = await LoopDisk.create(DISK_MIB * 1024 * 1024)
  // Incompressible, so that it is as much on the wire.
  const copy = ['if=/dev/urandom', `of=${disk.device}`, 'bs=1M', `count=${DISK_MIB}`]
  await run('dd', [...copy, 'iflag=fullblock', 'oflag=direct', 'status=none'])
  await using agent = await InstalledAgent.install(installation, [disk.device])

  const throttled = await untilBottleneck(installation, agent.sourceServerID, THROTTLED)
  for (const { mbps } of throttled) {
    const mbpsMax = THROTTLE_MBPS * (1 + THROTTLE_ERROR_MAX)
    assert.ok(Number(mbps) > 0 && Number(mbps) <= mbpsMax, `${mbps} Mbit/s`)
  }
  await using _hogs = await CpuHogs.start()
  await installation.liftThrottle(agent.sourceServerID)
  const starved = await untilBottleneck(installation, agent.sourceServerID, STARVED)
  for (const { others } of starved) assert.ok(Number(others) >= OTHERS_MIN, `${others} CPUs`)
})

/** Programs that would like a whole CPU each, started as `nice` does. */
class CpuHogs implements AsyncDisposable {
  readonly #hogs: readonly ChildProcess[]

  private constructor(hogs: readonly ChildProcess[]) {
    this.#hogs = hogs
  }

  static async start(): Promise<CpuHogs> {
    const hogs = Array.from({ length: HOGS_PER_CPU * availableParallelism() }, () =>
      spawn('nice', ['sh', '-c', 'while :; do :; done'], { stdio: 'ignore' }),
    )
    await Promise.all(hogs.map((hog) => once(hog, 'spawn')))
    return new CpuHogs(hogs)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = this.#hogs.map((hog) => once(hog, 'exit'))
    for (const hog of this.#hogs) hog.kill('SIGKILL')
    await Promise.all(ended)
  }
}

/**
 * Reads `landfall status` until the bottleneck is as expected, report after report; the groups that
 * the expression found in them.
 */
async function untilBottleneck(
  installation: Installation,
  sourceServerID: string,
  expected: RegExp,
): Promise<Record<string, string | undefined>[]> {
  const deadline = Date.now() + DEADLINE_MS
  const told = new Map<string, string>()
  for (;;) {
    const text = await installation.landfall('status', sourceServerID)
    const reportedAt = /^As of +(.*)$/m.exec(text)?.[1]
    const bottleneck = /^Bottleneck +(.*)$/m.exec(text)?.[1]
    if (reportedAt !== undefined && bottleneck !== undefined) told.set(reportedAt, bottleneck)
    const found = [...told.values()].slice(-REPORTS).map((said) => expected.exec(said)?.groups)
    const named = found.filter((groups) => groups !== undefined)
    if (named.length === REPORTS) return named
    assert.ok(Date.now() < deadline, [...told].flat().join('\n'))
    await sleep(500)
  }
}

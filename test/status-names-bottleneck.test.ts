import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { InstalledAgent } from './agent.ts'
import { Installation, run } from './installation.ts'
import { LoopDisk } from './loop-disk.ts'

/** Too much to be sent, throttled or beside the hogs, before the bottleneck was read. */
const DISK_MIB = 1024
const THROTTLE_MBPS = 50
/** What the throttle promises. */
const THROTTLE_ERROR_MAX = 0.05
/** The agent looks back on so much, and reports what it saw some time after. */
const LOOK_BACK_MS = 7000
/** Reports in a row that must say the same. */
const REPORTS = 3
const DEADLINE_MS = 60_000

test('status names a throttled wire, and the CPU when hogs have it', async () => {
  await using installation = await Installation.start()
  await installation.throttleNewServers(THROTTLE_MBPS)
  await using disk = await LoopDisk.create(DISK_MIB * 1024 * 1024)
  // Incompressible, so that it is as much on the wire.
  const copy = ['if=/dev/urandom', `of=${disk.device}`, 'bs=1M', `count=${DISK_MIB}`]
  await run('dd', [...copy, 'iflag=fullblock', 'oflag=direct', 'status=none'])
  await using agent = await InstalledAgent.install(installation, [disk.device])
  const { sourceServerID } = agent

  for (const told of await bottlenecks(installation, sourceServerID)) {
    const [, carried, busy] =
      /^wire\. The wire carries (\S+) of the 50\.0 Mbit\/s set as bandwidth throttling and is busy (\d+) % of the time: raise bandwidthThrottling to go faster\.$/.exec(
        told,
      ) ?? []
    assert.ok(Number(carried) > 0 && Number(busy) > 50, told)
    assert.ok(Number(carried) <= THROTTLE_MBPS * (1 + THROTTLE_ERROR_MAX), told)
  }

  await using _hogs = await CpuHogs.start()
  await installation.liftThrottle(sourceServerID)
  for (const told of await bottlenecks(installation, sourceServerID)) {
    const [, waits, others] =
      /^compress\. The agent waits for a CPU (\d+) % of the time and has one \d+ %: it keeps \S+ CPUs of the source server busy, and other programs (\S+)\. .*niceness 15/.exec(
        told,
      ) ?? []
    assert.ok(Number(waits) > 0, told)
    assert.ok(Number(others) >= 1, told)
  }
})

/** One program for each CPU that would like it whole, as `nice` starts them. */
class CpuHogs implements AsyncDisposable {
  readonly #hogs: readonly ChildProcess[]

  private constructor(hogs: readonly ChildProcess[]) {
    this.#hogs = hogs
  }

  static async start(): Promise<CpuHogs> {
    const hogs = Array.from({ length: availableParallelism() }, () =>
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

/** What `landfall status` gives as bottleneck, from reports about nothing that was before now. */
async function bottlenecks(installation: Installation, id: string): Promise<string[]> {
  const sinceMs = Date.now() + LOOK_BACK_MS
  const told = new Map<number, string>()
  while (told.size < REPORTS) {
    const text = await installation.landfall('status', id)
    const seenAtMs = Date.parse(/^As of +(.*)$/m.exec(text)?.[1] ?? '')
    if (seenAtMs > sinceMs) told.set(seenAtMs, /^Bottleneck +(.*)$/m.exec(text)?.[1] ?? text)
    assert.ok(Date.now() < sinceMs + DEADLINE_MS, `no reports of the stages: ${text}`)
    await sleep(500)
  }
  return [...told.values()]
}

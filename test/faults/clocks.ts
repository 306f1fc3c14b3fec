import { access, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault, FaultContext } from './fault.ts'
import type { Site } from './site.ts'
import { kill } from './victims.ts'

/** Debian's package `faketime`. */
const LIBRARY = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1'
const HOUR_S = 3600
const SLACK_S = 300
const OUTAGE_MS = 1000

export const CLOCKS: readonly Fault[] = [
  {
    name: 'agent’s clock jumps an hour ahead and back',
    on: 'standing',
    cause: (context) => jump(context, HOUR_S),
  },
  {
    name: 'agent’s clock jumps an hour back and ahead',
    on: 'standing',
    cause: (context) => jump(context, -HOUR_S),
  },
]

/**
 * The agent alone is shown another time of day, by a library before the C library's: the machine's
 * own clock is not ours to set. Its monotonic clock goes on, as it does when a clock is set.
 */
async function jump({ stand, site, random }: FaultContext, bySeconds: number): Promise<string> {
  const { installDir } = site.agent
  const launcher = join(installDir, 'bin', 'landfall-agent')
  const original = await readFile(launcher, 'utf8')
  const offset = join(installDir, '..', 'clock-offset')
  await access(LIBRARY).catch((cause: unknown) => {
    throw new Error(`${LIBRARY} is missing: apt-get install faketime`, { cause })
  })
  await setClock(offset, 0)
  const preload = [
    `export LD_PRELOAD=${LIBRARY} FAKETIME_TIMESTAMP_FILE=${offset}`,
    'export FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1 DONT_FAKE_MONOTONIC=1',
  ].join('\n')
  await writeFile(launcher, original.replace('\n', `\n${preload}\n`))
  try {
    await kill(site, 'agent')
    await site.installation.untilContinuous(site.id)
    site.startLoad()
    const afterMs = random.below(2000)
    await sleep(afterMs)
    for (const seconds of [bySeconds, 0]) {
      await setClock(offset, seconds)
      // New connections are made by the new time, which certificates are judged by.
      await stand.network.reset('all')
      await sleep(OUTAGE_MS)
      await stand.network.restore()
      await expectPointAt(site, seconds)
    }
    return `by ${bySeconds} s, ${afterMs} ms into a load, a short cut and a point after each jump`
  } finally {
    await site.stopLoad()
    await writeFile(launcher, original)
    await kill(site, 'agent')
    await rm(offset)
  }
}

/** In one step, as the agent reads it whenever it asks for the time. */
async function setClock(file: string, seconds: number): Promise<void> {
  await writeFile(`${file}.next`, `${seconds < 0 ? '' : '+'}${seconds}\n`)
  await rename(`${file}.next`, file)
}

/** A point bears the source's time: so it shows that the agent's clock is what we set. */
async function expectPointAt(site: Site, offsetSeconds: number): Promise<void> {
  await site.installation.untilContinuous(site.id)
  const answer = await site.installation.landfall('points', 'create', site.id, '--json')
  const { takenAt } = JSON.parse(answer) as { takenAt: string }
  const foundSeconds = (Date.parse(takenAt) - Date.now()) / 1000
  if (Math.abs(foundSeconds - offsetSeconds) > SLACK_S) {
    throw new Error(`The point is of ${takenAt}, ${foundSeconds} s from now`)
  }
}

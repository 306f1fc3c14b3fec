import { existsSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../installation.ts'
import type { Fault, FaultContext } from './fault.ts'
import type { Site } from './site.ts'

/** The promise: filesystems stand still no longer, whatever happens to the agent. */
const BUDGET_MS = 2000
/** A process of this test is not served at once on a busy machine. */
const BUDGET_SLACK_MS = 1000
/** A freeze lasts milliseconds: it takes some tries to catch one. */
const TRIES_MAX = 30
const MARK_MS_MAX = 60_000

export const FREEZES: readonly Fault[] = [
  {
    name: 'agent killed while filesystems are frozen',
    on: 'standing',
    cause: (context) => endedWhileFrozen(context, 'SIGKILL'),
  },
  {
    name: 'agent hangs while filesystems are frozen',
    on: 'standing',
    cause: (context) => endedWhileFrozen(context, 'SIGSTOP'),
  },
]

async function endedWhileFrozen(
  { site, random }: FaultContext,
  signal: 'SIGKILL' | 'SIGSTOP',
): Promise<string> {
  for (let attempt = 1; attempt <= TRIES_MAX; attempt += 1) {
    const agent = await site.agent.processID()
    const point = site.installation.landfall('points', 'create', site.id, '--json').then(
      () => 'succeeded',
      () => 'failed',
    )
    await untilMarked(site)
    spin(random.below(12))
    // Standing still it cannot thaw: now there is time to look.
    process.kill(agent, 'SIGSTOP')
    const heldSinceMs = performance.now()
    const isFrozen = await isFrozenNow(site)
    if (isFrozen && signal === 'SIGKILL') process.kill(agent, 'SIGKILL')
    const heldMs = isFrozen ? await untilWritable(site, heldSinceMs) : 0
    if (!isFrozen || signal === 'SIGSTOP') process.kill(agent, 'SIGCONT')
    const outcome = await point
    if (!isFrozen) continue
    if (heldMs > BUDGET_MS + BUDGET_SLACK_MS) throw new Error(`Frozen for ${heldMs} ms`)
    return `caught at try ${attempt}; thawed after ${heldMs} ms, the point ${outcome}`
  }
  throw new Error(`No freeze was caught in ${TRIES_MAX} points`)
}

/** The agent marks what it is about to freeze, in memory. */
async function untilMarked(site: Site): Promise<void> {
  const mark = join(site.stateDir, 'frozen.json')
  const deadline = performance.now() + MARK_MS_MAX
  while (!existsSync(mark)) {
    if (performance.now() > deadline) throw new Error('No point was begun')
    // A timer would miss the freeze, which is over in milliseconds.
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function spin(milliseconds: number): void {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}

/** Freezing again is refused as busy; what was not frozen is thawed at once. */
async function isFrozenNow(site: Site): Promise<boolean> {
  try {
    await run('fsfreeze', ['--freeze', site.folder])
  } catch (error) {
    if (/busy/i.test(String(error))) return true
    throw error
  }
  await run('fsfreeze', ['--unfreeze', site.folder])
  return false
}

async function untilWritable(site: Site, sinceMs: number): Promise<number> {
  await using file = await open(join(site.folder, 'probe'), 'w')
  await file.write('thawed')
  await file.sync()
  return Math.round(performance.now() - sinceMs)
}

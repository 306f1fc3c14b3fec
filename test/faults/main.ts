import { parseArgs } from 'node:util'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Program, requirePrograms } from '../programs.ts'
import { CLOCKS } from './clocks.ts'
import { checkEndState, installationProcesses, leftovers } from './end-state.ts'
import type { Fault } from './fault.ts'
import { FRAMES } from './frames.ts'
import { FREEZES } from './freezes.ts'
import { IDENTITIES } from './identities.ts'
import { KILLS } from './kills.ts'
import { NETWORK } from './network.ts'
import { Random } from './random.ts'
import { SOURCE_DISK } from './source-disk.ts'
import { Stand } from './stand.ts'
import { STAGING_SPACE } from './staging-space.ts'

/** A fault that takes longer hangs. */
const FAULT_MS_MAX = 300_000

const FAULTS: readonly Fault[] = [
  ...KILLS,
  ...NETWORK,
  ...FRAMES,
  ...IDENTITIES,
  ...FREEZES,
  ...SOURCE_DISK,
  ...STAGING_SPACE,
  ...CLOCKS,
]

const PROGRAMS: readonly Program[] = [
  'curl',
  'faketime',
  'fio',
  'fsfreeze',
  'ip6tables',
  'iptables',
  'losetup',
  'mkfs.ext4',
  'openssl',
  'ss',
]

/** They need a machine that boots: the tests with guests cause them. */
const NOT_RUN_HERE = ['source reboot mid-sync (in a guest)', 'source reboot mid-point (in a guest)']

const USAGE = `Causes faults, one after the other, and checks that nothing was lost. As root.

  npm run test:faults -- [--seed S] [--only TEXT]... [--list]

  --seed S     chooses the moments; the same seed repeats them. Default: by the time
  --only TEXT  the faults whose name contains TEXT; given again, those with either
  --list       names the faults and does nothing`

const stopping = new AbortController()

interface Result {
  readonly ok: boolean
  readonly did: string
  readonly end: string
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: String(Math.floor(Date.now() / 1000) % 1_000_000) },
      only: { type: 'string', multiple: true, default: [''] },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const seed = Number(values.seed)
  if (values.help || !Number.isSafeInteger(seed)) return console.log(USAGE)
  const faults = FAULTS.filter(({ name }) => values.only.some((text) => name.includes(text)))
  if (values.list) return faults.forEach(({ name }) => console.log(name))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => stopping.abort(new Error(`Ended by ${signal}`)))
  }
  await requirePrograms(PROGRAMS)
  const { failed, survived } = await runAll(faults, seed)
  for (const name of NOT_RUN_HERE) console.log(`not run here  ${name}`)
  console.log(`${survived} of ${faults.length} faults survived, seed ${seed}`)
  for (const name of failed) {
    console.log(`FAILED ${name}\n  again: npm run test:faults -- --seed ${seed} --only '${name}'`)
  }
  if (failed.length > 0 || survived < faults.length) process.exitCode = 1
}

/**
 * Names of those that failed, and how many did not. The last check is that nothing is
 * left of it all.
 */
async function runAll(
  faults: readonly Fault[],
  seed: number,
): Promise<{ failed: string[]; survived: number }> {
  const failed: string[] = []
  let survived = 0
  const siteIDs = new Set<string>()
  let dataDir = ''
  {
    await using undo = new AsyncDisposableStack()
    const stand = await Stand.open(undo)
    dataDir = stand.installation.dataDir
    const calm = await installationProcesses({ dataDir })
    for (const fault of faults) {
      if (stopping.signal.aborted) break
      const startedMs = performance.now()
      const result = await runOne(fault, { stand, seed, calm, siteIDs })
      const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
      const { ok, did, end } = result
      console.log(
        `${ok ? 'ok    ' : 'FAILED'}  ${fault.name} · seed ${seed} · ${did} · ${end} · ${seconds} s`,
      )
      if (ok) survived += 1
      else failed.push(fault.name)
    }
  }
  const left = await leftovers(dataDir, [...siteIDs])
  const name = 'nothing is left after all are gone'
  console.log(left.length === 0 ? `ok      ${name}` : `FAILED  ${name}: ${left.join('; ')}`)
  if (left.length > 0) failed.push(name)
  return { failed, survived }
}

interface Shared {
  readonly stand: Stand
  readonly seed: number
  /** Processes of the installation before anything was done to it. */
  readonly calm: readonly string[]
  readonly siteIDs: Set<string>
}

async function runOne(fault: Fault, shared: Shared): Promise<Result> {
  const { stand, seed, calm, siteIDs } = shared
  let did = 'not begun'
  try {
    await using undo = new AsyncDisposableStack()
    const site = fault.on === 'new' ? undo.use(await stand.newSite()) : await stand.standingSite()
    siteIDs.add(site.id)
    undo.defer(() => stand.network.restore())
    undo.defer(() => site.stopLoad())
    did = 'under way'
    const context = { stand, site, random: new Random(seed, fault.name) }
    did = await inTime(fault.cause(context))
    return { ok: true, did, end: await inTime(checkEndState(site, calm)) }
  } catch (error) {
    if (fault.on === 'standing') {
      // What it leaves is of no use to the next fault, and its own failure adds nothing.
      await stand.discardStanding().catch(() => undefined)
    }
    return { ok: false, did, end: reasons(error) }
  }
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  const done = new AbortController()
  const signal = AbortSignal.any([done.signal, stopping.signal])
  const late = sleep(FAULT_MS_MAX, undefined, { signal }).then(() => {
    throw new Error(`It took longer than ${FAULT_MS_MAX / 1000} s`)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    done.abort()
    late.catch(() => undefined)
    work.catch(() => undefined)
  }
}

/** The error and what caused it, in one line. */
function reasons(error: unknown): string {
  const texts: string[] = []
  for (let at: unknown = error; at instanceof Error; at = at.cause) texts.push(at.message)
  return (texts.join(': ') || String(error)).replaceAll(/\s+/g, ' ').slice(0, 1000)
}

try {
  await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}

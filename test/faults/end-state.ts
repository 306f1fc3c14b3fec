import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../installation.ts'
import { commandLinesWith } from './processes.ts'
import { DISK_BYTES, type Site } from './site.ts'
import { eventually } from '../eventually.ts'

/** Whatever the fault was: restarts come after growing pauses of half a minute at most. */
const CONTINUOUS_MS_MAX = 120_000
/** Leftovers are cleaned up a moment after replication goes on. */
const TIDY_MS_MAX = 20_000
const VERIFICATIONS_MAX = 3
const TRACING = '/sys/kernel/tracing/instances'

/** What runs of an installation without any source server: taken when nothing has happened yet. */
export async function installationProcesses(site: { readonly dataDir: string }): Promise<string[]> {
  const lines = await commandLinesWith(site.dataDir)
  return lines.filter((line) => !/s-[0-9a-f]{17}/.test(line))
}

/**
 * What must hold after every fault: CONTINUOUS, verified clean from end to end, nothing frozen, no
 * process and no file that would not be there without the fault. Says so, or throws what is wrong.
 */
export async function checkEndState(site: Site, calm: readonly string[]): Promise<string> {
  await checkNothingFrozen(site)
  await run('sync', ['-f', site.folder])
  await site.installation.untilContinuous(site.id, CONTINUOUS_MS_MAX)
  const verified = await verifyClean(site)
  await checkNothingFrozen(site)
  await eventually('nothing left behind', TIDY_MS_MAX, async () => {
    const left = [...(await strayProcesses(site, calm)), ...(await strayFiles(site))]
    if (left.length > 0) throw new Error(left.join('; '))
    return true
  })
  return `CONTINUOUS, ${verified} MiB verified equal`
}

interface Verification {
  readonly disks: readonly { readonly comparedBytes: number; readonly differentBytes: number }[]
}

/** A filesystem may still write a little by itself: what was not quiet is compared again. */
async function verifyClean(site: Site): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await site.installation.landfall('points', 'verify', site.id, '--json')
    const { disks } = JSON.parse(answer) as Verification
    const different = disks.reduce((sum, disk) => sum + disk.differentBytes, 0)
    if (different > 0) throw new Error(`${different} bytes of the replica differ: ${answer}`)
    const compared = disks.reduce((sum, disk) => sum + disk.comparedBytes, 0)
    if (compared === DISK_BYTES) return compared / 1024 / 1024
    if (attempt === VERIFICATIONS_MAX) throw new Error(`Only ${compared} bytes were compared`)
  }
}

/** Thawing succeeds on nothing but a frozen filesystem. */
async function checkNothingFrozen(site: Site): Promise<void> {
  const wasFrozen = await run('fsfreeze', ['--unfreeze', site.folder]).then(
    () => true,
    () => false,
  )
  if (wasFrozen) throw new Error(`${site.folder} was left frozen`)
}

async function strayProcesses(site: Site, calm: readonly string[]): Promise<string[]> {
  const { dataDir } = site.installation
  const own = await commandLinesWith(site.agent.installDir)
  const agents = own.filter((line) => line.includes('agent.mjs run '))
  const loops = own.filter((line) => line.includes('supervise '))
  const daemons = (await commandLinesWith(site.id)).filter((line) => line.includes(dataDir))
  const expected = own.length === 2 && agents.length === 1 && loops.length === 1
  return [
    ...(expected ? [] : [`processes of the agent: ${own.join(' | ')}`]),
    ...(daemons.length === 1 ? [] : [`storage daemons: ${daemons.length}`]),
    ...(await commandLinesWith(site.folder)).map((line) => `still running: ${line}`),
    ...difference(await installationProcesses({ dataDir }), calm).map((line) => `orphan: ${line}`),
    ...difference(calm, await installationProcesses({ dataDir })).map((line) => `gone: ${line}`),
  ]
}

function difference(all: readonly string[], without: readonly string[]): string[] {
  const rest = [...without]
  return all.filter((line) => {
    const index = rest.indexOf(line)
    if (index >= 0) rest.splice(index, 1)
    return index < 0
  })
}

async function strayFiles(site: Site): Promise<string[]> {
  const staging = join(site.installation.dataDir, 'staging', site.id)
  const record = await readFile(join(staging, 'volumes.json'), 'utf8')
  const layers = (await readdir(staging)).filter((name) => name !== 'volumes.json')
  const tracing = (await readdir(TRACING)).filter((name) => name.startsWith(`landfall-${site.id}`))
  const own = await readdir(site.agent.installDir)
  return [
    ...layers.filter((name) => !record.includes(`"${name}"`)).map((name) => join(staging, name)),
    ...(tracing.length === 1 ? [] : [`trace instances: ${tracing.join(', ') || 'none'}`]),
    ...(existsSync(join(site.stateDir, 'frozen.json')) ? ['the mark of a freeze'] : []),
    ...own.filter((name) => /^\..*\.[0-9a-f]{8}$/.test(name)).map((name) => `agent's ${name}`),
  ]
}

/** What is left of an installation and its source servers after all of them are gone. */
export async function leftovers(dataDir: string, siteIDs: readonly string[]): Promise<string[]> {
  const tracing = await readdir(TRACING)
  const ofSites = siteIDs.flatMap((id) => [
    ...tracing.filter((name) => name.startsWith(`landfall-${id}`)),
    ...(existsSync(join('/run/landfall-agent', id)) ? [join('/run/landfall-agent', id)] : []),
  ])
  const processes = await commandLinesWith(dataDir)
  const mounts = (await readFile('/proc/self/mounts', 'utf8'))
    .split('\n')
    .filter((line) => line.includes(dataDir))
  return [...processes, ...ofSites, ...mounts, ...(existsSync(dataDir) ? [dataDir] : [])]
}

import { readFile } from 'node:fs/promises'
import { InstalledAgent } from '../test/agent.ts'
import { Installation } from '../test/installation.ts'
import { LoopDisk } from '../test/loop-disk.ts'

/**
 * What the agent costs its source server: memory with a large sparse disk, CPU while idle.
 *
 *     node_modules/node/bin/node bench/agent-cost.ts
 */
const GIB = 1024 ** 3
const MEMORY_LIMIT_MIB = 150
const IDLE_SECONDS = 60
/** The map is whole from the start and buffers fill within seconds; a full read takes an hour. */
const SYNC_SECONDS = 60

/** Ticks of `/proc/PID/stat` in a second (USER_HZ on every Linux port of Node). */
const TICKS_PER_SECOND = 100

await using installation = await Installation.start()
console.log('| disk | state | RSS MiB | highest RSS MiB | of the limit | CPU |')
console.log('|---|---|---|---|---|---|')
for (const [name, sizeBytes] of [
  ['1 GiB', GIB],
  ['64 GiB sparse', 64 * GIB],
  ['1 TiB sparse', 1024 * GIB],
] as const) {
  await using disk = await LoopDisk.create(sizeBytes)
  await using agent = await InstalledAgent.install(installation, [disk.device])
  if (sizeBytes === GIB) {
    await installation.untilContinuous(agent.sourceServerID)
    await row(name, 'idle', agent, IDLE_SECONDS)
  } else {
    await row(name, 'initial sync', agent, SYNC_SECONDS)
  }
}

async function row(name: string, state: string, agent: InstalledAgent, seconds: number) {
  const processID = await agent.processID()
  const before = await cpuSeconds(processID)
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  const cpu = ((await cpuSeconds(processID)) - before) / seconds
  const [now, highest] = [await memoryMiB(processID, 'VmRSS'), await memoryMiB(processID, 'VmHWM')]
  const ratio = (highest / MEMORY_LIMIT_MIB).toFixed(2)
  const share = `${(cpu * 100).toFixed(1)} % of a core`
  console.log(`| ${name} | ${state} | ${now} | ${highest} | ${ratio} | ${share} |`)
}

async function memoryMiB(processID: number, field: string): Promise<number> {
  const status = await readFile(`/proc/${processID}/status`, 'utf8')
  const kibibytes = Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1])
  return Math.round(kibibytes / 1024)
}

/** User and system time of the process so far. */
async function cpuSeconds(processID: number): Promise<number> {
  const text = await readFile(`/proc/${processID}/stat`, 'utf8')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

import { setTimeout as sleep } from 'node:timers/promises'
import { InstalledAgent } from '../../test/agent.ts'
import { Installation } from '../../test/installation.ts'
import { LoopDisk } from '../../test/loop-disk.ts'
import { type Figure, type Row, significant, type Surroundings, withinLimit } from '../figure.ts'
import { cpuSeconds, memoryMiB } from '../process-use.ts'

const GIB = 1024 ** 3
const MEMORY_MIB_MAX = 150
const IDLE_PERCENT_MAX = 1
const IDLE_SECONDS = 60
/** The map is whole from the start and buffers fill within seconds; a full read takes an hour. */
const SYNC_SECONDS = 60

/** What an installed agent costs its source server: CPU while idle, memory with a large disk. */
export const agentCost: Figure = {
  name: 'agent-cost',
  programs: ['losetup'],
  async measure(surroundings) {
    await using installation = await Installation.start()
    return [
      await idle(installation, surroundings),
      await memory(installation, { name: '64 GiB sparse', sizeBytes: 64 * GIB }, surroundings),
      await memory(installation, { name: '1 TiB sparse', sizeBytes: 1024 * GIB }, surroundings),
    ]
  },
}

async function idle(installation: Installation, { log, signal }: Surroundings): Promise<Row> {
  await using disk = await LoopDisk.create(GIB)
  await using agent = await InstalledAgent.install(installation, [disk.device])
  await installation.untilContinuous(agent.sourceServerID)
  const use = await useOver(IDLE_SECONDS, await agent.processID(), signal)
  log(`agent-cost: idle, ${significant(use.highestMiB)} MiB`)
  return withinLimit({
    figure: 'CPU of an idle agent, of one core',
    value: use.cpuPercent,
    limit: IDLE_PERCENT_MAX,
    unit: '%',
  })
}

async function memory(
  installation: Installation,
  what: { readonly name: string; readonly sizeBytes: number },
  { log, signal }: Surroundings,
): Promise<Row> {
  await using disk = await LoopDisk.create(what.sizeBytes)
  await using agent = await InstalledAgent.install(installation, [disk.device])
  const use = await useOver(SYNC_SECONDS, await agent.processID(), signal)
  log(`agent-cost: ${what.name}, CPU ${significant(use.cpuPercent)} % of a core in initial sync`)
  return withinLimit({
    figure: `highest RSS of the agent, ${what.name}, initial sync`,
    value: use.highestMiB,
    limit: MEMORY_MIB_MAX,
    unit: 'MiB',
  })
}

async function useOver(
  seconds: number,
  processID: number,
  signal: AbortSignal,
): Promise<{ cpuPercent: number; highestMiB: number }> {
  const before = await cpuSeconds(processID)
  await sleep(seconds * 1000, undefined, { signal })
  const cpuPercent = (((await cpuSeconds(processID)) - before) / seconds) * 100
  return { cpuPercent, highestMiB: await memoryMiB(processID, 'VmHWM') }
}

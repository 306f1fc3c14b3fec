import { MIB, type StageLoad, type StageReport } from '@landfall/model'
import type { CpuLoad, CpuShare } from './cpu-meter.ts'

/** Less busy than this, a stage holds nothing up worth telling. */
const BUSY_MIN = 0.5
/** From here on the CPU is what the rest waits for, whatever else looks busy because of that. */
const CPU_BOUND_MIN = 0.85
/** Threads that wait longer than they run are held up by others, also when they want little. */
const STARVED_MIN = 0.4

/** Waits that are told: shorter ones are among the agent's own threads. */
const WAIT_MIN = 0.2
/** With less, the others on the machine do not matter. */
const OTHER_CPUS_MIN = 0.5

export interface Situation {
  readonly loads: readonly StageLoad[]
  readonly cpu: CpuLoad
  /** The agent's own: above 0 it gives way to ordinary programs. */
  readonly niceness: number
  /** Share of the time in which our own throttle held something back. */
  readonly throttled: number
  /** Megabits per second the throttle is set to; 0 is unlimited. */
  readonly throttleMbps: number
  /** There is enough to send that speed matters. */
  readonly isBehind: boolean
}

/** What each stage does, and which of them the others wait for. */
export function reportStages(situation: Situation): StageReport {
  const demand = Math.max(...[situation.cpu.main, situation.cpu.pool].map(wanted))
  const loads = situation.loads.map((load) => ({
    ...load,
    // Checksums and encryption are the CPU's too, and a thread without a CPU compresses nothing.
    utilisation: rounded(
      load.stage === 'compress' ? Math.max(load.utilisation, demand) : load.utilisation,
    ),
  }))
  return { loads, bottleneck: situation.isBehind ? findBottleneck({ ...situation, loads }) : null }
}

function findBottleneck(situation: Situation): StageReport['bottleneck'] {
  const { loads, cpu, throttled, throttleMbps } = situation
  // What a throttle held back that was lifted since tells nothing of now.
  const isThrottled = throttleMbps > 0 && throttled >= BUSY_MIN
  const slowest = loads.reduce((most, load) => (load.utilisation > most.utilisation ? load : most))
  const busiest = wanted(cpu.main) > wanted(cpu.pool) ? cpu.main : cpu.pool
  const isCpu = wanted(busiest) >= CPU_BOUND_MIN || isStarved(cpu.main) || isStarved(cpu.pool)
  const compress = loads.find(({ stage }) => stage === 'compress')
  if (isCpu && !isThrottled && compress !== undefined) {
    return { stage: 'compress', sentence: describeCpu(situation, compress) }
  }
  if (slowest.utilisation < BUSY_MIN) return null
  return { stage: slowest.stage, sentence: describe(situation, slowest) }
}

/** Share of the time in which threads could have used a CPU. */
export function wanted({ run, wait }: CpuShare): number {
  return Math.min(1, run + wait)
}

/** Others have the CPU for longer than these threads do. */
export function isStarved(share: CpuShare): boolean {
  return share.wait > share.run && wanted(share) >= STARVED_MIN
}

function describe(situation: Situation, load: StageLoad): string {
  const rate = `${(load.bytesPerSecond / MIB).toFixed(1)} MiB/s`
  const busy = `busy ${percent(load.utilisation)} of the time`
  switch (load.stage) {
    case 'read':
      return (
        `The source's disks deliver ${rate} and are ${busy}: ` +
        'other load on them, or the disks themselves, set the pace.'
      )
    case 'compress':
      return describeCpu(situation, load)
    case 'wire':
      return describeWire(situation, load)
    case 'apply':
      return (
        `The replication server takes ${rate}, and ${percent(load.utilisation)} of the time ` +
        'sending waits for its answers: ' +
        'give the staging area faster disks or more CPU, or a path of less delay to it.'
      )
    case 'flush':
      return (
        `Making writes durable takes ${percent(load.utilisation)} of the time, ` +
        `at ${rate}: give the staging area disks that flush faster.`
      )
  }
}

function describeWire({ throttled, throttleMbps }: Situation, load: StageLoad): string {
  const mbps = ((load.bytesPerSecond * 8) / 1e6).toFixed(1)
  const busy = `busy ${percent(load.utilisation)} of the time`
  if (throttleMbps > 0 && throttled >= load.utilisation / 2) {
    return (
      `The wire carries ${mbps} of the ${throttleMbps.toFixed(1)} Mbit/s set as bandwidth ` +
      `throttling and is ${busy}: raise bandwidthThrottling to go faster.`
    )
  }
  return (
    `The wire carries ${mbps} Mbit/s and is ${busy}: the network between the source and the ` +
    'staging area, or a replication server that reads no faster, sets the pace.'
  )
}

function describeCpu({ cpu, loads, niceness }: Situation, load: StageLoad): string {
  const { own, others } = cpu.cpus
  const waiting = cpu.main.wait > cpu.pool.wait ? cpu.main : cpu.pool
  if (waiting.wait >= WAIT_MIN && others >= OTHER_CPUS_MIN) {
    const remedy =
      niceness > 0
        ? `At niceness ${niceness} the agent gives way to them: raise its priority`
        : 'Lower their priority'
    return (
      `The agent waits for a CPU ${percent(waiting.wait)} of the time and has one ` +
      `${percent(waiting.run)}: it keeps ${decimal(own)} CPUs of the source server busy, and ` +
      `other programs ${decimal(others)}. ${remedy}, or give the server more CPU.`
    )
  }
  const read = loads.find(({ stage }) => stage === 'read')?.bytesPerSecond ?? 0
  const rate = `${(read / MIB).toFixed(1)} MiB/s`
  const what =
    wanted(cpu.main) >= CPU_BOUND_MIN
      ? 'Checking and encrypting keeps one CPU of the source server'
      : "Compression keeps the source server's CPUs"
  return (
    `${what} busy ${percent(load.utilisation)} of the time at ${rate}: ` +
    'a server with faster or more CPUs would go faster.'
  )
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

/** With another place where one would show 0.0. */
function decimal(count: number): string {
  return count.toFixed(count < 0.1 ? 2 : 1)
}

function rounded(share: number): number {
  return Math.round(share * 1000) / 1000
}

import { readdirSync, readFileSync } from 'node:fs'
import { WINDOW_MS } from './stage-meter.ts'

/** How some of the process's threads got on with the CPU: per second of time and thread. */
export interface CpuShare {
  /** Share of the time in which they ran. */
  readonly run: number
  /** Share of the time in which they could have run, and no CPU was free. */
  readonly wait: number
}

type Role = 'main' | 'pool'

export interface CpuLoad {
  /** Checks, hashes, encrypts and does everything else that is not below. */
  readonly main: CpuShare
  /** Compress, and read the disks. */
  readonly pool: CpuShare
  /** How many CPUs this process keeps busy, and how many everything else on the machine. */
  readonly cpus: { readonly own: number; readonly others: number }
}

/** What the kernel counted for a thread since it began, in nanoseconds. */
export interface ThreadTimes {
  readonly role: Role
  readonly runNs: number
  readonly waitNs: number
}

/** What the kernel counted up to now. */
export interface CpuTimes {
  readonly threads: readonly ThreadTimes[]
  readonly ownMs: number
  /** By all CPUs together, for whomever. */
  readonly busyMs: number
}

interface Look extends CpuTimes {
  readonly atMs: number
}

/**
 * How much CPU the agent's threads get, and how much more they want, over the last seconds. From
 * the scheduler's own counters: time on the run queue is time in which somebody else had the CPU.
 */
export class CpuMeter {
  readonly #now: () => number
  readonly #read: () => CpuTimes
  readonly #looks: Look[] = []

  constructor(now: () => number = () => performance.now(), read = readCpuTimes) {
    this.#now = now
    this.#read = read
    this.sample()
  }

  /** To be called about once a second. */
  sample(): void {
    const atMs = this.#now()
    this.#looks.push({ atMs, ...this.#read() })
    while ((this.#looks[1]?.atMs ?? Infinity) <= atMs - WINDOW_MS) this.#looks.shift()
  }

  /** All zero before the next look, and on a kernel that does not count. */
  load(): CpuLoad {
    return { main: this.#share('main'), pool: this.#share('pool'), cpus: this.#cpus() }
  }

  #cpus(): CpuLoad['cpus'] {
    const first = this.#looks[0]
    const last = this.#looks.at(-1)
    if (first === undefined || last === undefined || last.atMs <= first.atMs) {
      return { own: 0, others: 0 }
    }
    const ms = last.atMs - first.atMs
    const own = (last.ownMs - first.ownMs) / ms
    return { own, others: Math.max(0, (last.busyMs - first.busyMs) / ms - own) }
  }

  #share(role: Role): CpuShare {
    const first = this.#looks[0]
    const last = this.#looks.at(-1)
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return IDLE
    const before = total(first, role)
    const now = total(last, role)
    if (now.threads === 0) return IDLE
    const ns = (last.atMs - first.atMs) * 1e6 * now.threads
    const share = (of: 'runNs' | 'waitNs') => Math.min(1, Math.max(0, (now[of] - before[of]) / ns))
    return { run: share('runNs'), wait: share('waitNs') }
  }
}

const IDLE: CpuShare = { run: 0, wait: 0 }

function total(look: Look, role: Role): { threads: number; runNs: number; waitNs: number } {
  const threads = look.threads.filter((thread) => thread.role === role)
  return {
    threads: threads.length,
    runNs: threads.reduce((sum, thread) => sum + thread.runNs, 0),
    waitNs: threads.reduce((sum, thread) => sum + thread.waitNs, 0),
  }
}

const TASKS = '/proc/self/task'
/** The name libuv gives to the threads of its pool. */
const POOL_THREAD = 'libuv-worker'

/** In `/proc`, whatever the kernel's own clock. */
const TICK_MS = 10

export function readCpuTimes(): CpuTimes {
  const { user, system } = process.cpuUsage()
  return { threads: readThreads(), ownMs: (user + system) / 1000, busyMs: readBusyMs() }
}

function readBusyMs(): number {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n', 1)
  // Proc(5): user, nice, system, idle, iowait, irq, softirq, steal; user has what follows.
  const counts = line.split(/\s+/).slice(1, 9).map(Number)
  const idle = (counts[3] ?? 0) + (counts[4] ?? 0)
  return (counts.reduce((sum, count) => sum + count, 0) - idle) * TICK_MS
}

/** This process's threads; none on a kernel that keeps no such counts. */
function readThreads(): ThreadTimes[] {
  return readdirSync(TASKS).flatMap((id) => {
    try {
      const isMain = Number(id) === process.pid
      const name = isMain ? '' : readFileSync(`${TASKS}/${id}/comm`, 'utf8').trim()
      if (!isMain && name !== POOL_THREAD) return []
      const counts = readFileSync(`${TASKS}/${id}/schedstat`, 'utf8').split(' ')
      const [runNs = 0, waitNs = 0] = counts.map(Number)
      return [{ role: isMain ? 'main' : 'pool', runNs, waitNs }]
    } catch {
      // A thread that has just ended, or a kernel without CONFIG_SCHED_INFO.
      return []
    }
  })
}

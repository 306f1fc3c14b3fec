import { getPriority } from 'node:os'
import type { StageReport } from '@landfall/model'
import { reportStages, wanted } from './bottleneck.ts'
import { nextCompressionLevel } from './compression-level.ts'
import type { Compressor } from './compressor.ts'
import { CpuMeter } from './cpu-meter.ts'
import { StageMeter, WINDOW_MS } from './stage-meter.ts'
import type { Throttle } from './throttle.ts'

/** Looks at what every stage does, says which is slow, and compresses as hard as that asks for. */
export class StageWatch {
  /** Where the stages say what they do. */
  readonly meter = new StageMeter()
  readonly #cpu = new CpuMeter()
  readonly #throttle: Throttle
  readonly #compressor: Compressor
  #levelAtMs = performance.now()

  constructor(options: { readonly throttle: Throttle; readonly compressor: Compressor }) {
    this.#throttle = options.throttle
    this.#compressor = options.compressor
  }

  /** To be called about once a second. */
  sample(): void {
    this.meter.sample()
    this.#cpu.sample()
    // What a level does shows once the whole window is of it.
    if (performance.now() - this.#levelAtMs < WINDOW_MS) return
    const level = nextCompressionLevel(this.#compressor.level, this.#busy())
    if (level === this.#compressor.level) return
    this.#compressor.level = level
    this.#levelAtMs = performance.now()
  }

  /** `isBehind`: there is enough to send that speed matters. */
  report(isBehind: boolean): StageReport {
    return reportStages({
      loads: this.meter.loads(),
      cpu: this.#cpu.load(),
      niceness: getPriority(),
      throttled: this.meter.throttled(),
      throttleMbps: this.#throttle.mbps,
      isBehind,
    })
  }

  /**
   * The main thread's own work does not count: it encrypts, and compression takes work from it. Its
   * waits do: then there is no CPU for anything.
   */
  #busy(): { wire: number; cpu: number } {
    const loads = this.meter.loads()
    const of = (stage: 'wire' | 'compress'): number =>
      loads.find((load) => load.stage === stage)?.utilisation ?? 0
    const { main, pool } = this.#cpu.load()
    return { wire: of('wire'), cpu: Math.max(of('compress'), wanted(pool), main.wait) }
  }
}

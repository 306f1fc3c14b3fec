import type { DiskSources } from '../block-devices.ts'
import { findDisks } from '../install/disks.ts'

/** Between two looks: a disk that was added is told soon, and looking costs little. */
const LOOK_MS = 10_000

export interface UnreplicatedDisksOptions {
  readonly sources: DiskSources
  readonly replicated: readonly string[]
  /** Left out on purpose; undefined: whatever is there at the first look. */
  readonly leftOut: readonly string[] | undefined
  readonly log: (message: string) => void
  readonly onChange: () => void
}

/**
 * Disks that came after the installation. Nothing replicates them until the installer is run again,
 * so that they are told, and not passed over in silence.
 */
export class UnreplicatedDisks {
  readonly #options: UnreplicatedDisksOptions
  #baseline: Set<string> | undefined
  #names: readonly string[] = []
  #lookedMs = -Infinity

  constructor(options: UnreplicatedDisksOptions) {
    this.#options = options
    const { leftOut, replicated } = options
    this.#baseline = leftOut && new Set([...leftOut, ...replicated])
  }

  get names(): readonly string[] {
    return this.#names
  }

  /** Looks, when it is time to. */
  async look(): Promise<void> {
    if (performance.now() - this.#lookedMs < LOOK_MS) return
    this.#lookedMs = performance.now()
    const { sources, replicated, log, onChange } = this.#options
    // Devices come and go while they are being looked at.
    const disks = await findDisks(sources).catch(() => undefined)
    if (disks === undefined) return
    const present = disks.map((disk) => disk.deviceName)
    this.#baseline ??= new Set([...present, ...replicated])
    const names = present.filter((name) => this.#baseline?.has(name) === false)
    if (names.join() === this.#names.join()) return
    for (const name of names.filter((one) => !this.#names.includes(one))) {
      log(`${name} was added and is not replicated: run the installer again to have it replicated`)
    }
    this.#names = names
    onChange()
  }
}

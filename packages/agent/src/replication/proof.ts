import type { Mismatch, ScrubReport } from '@landfall/model'
import type { Extent } from '@landfall/block'
import { Mismatches, type DefectFound } from './mismatches.ts'
import { Scrub, type SavedPass, type ScrubOptions } from './scrub.ts'
import type { TrackedDisk } from './tracked-disk.ts'

export interface ProofOptions extends Omit<ScrubOptions, 'onMismatch'> {
  /** Something became dirty. */
  readonly wake: () => void
}

/** What a state file keeps, besides the maps of the scrub. */
export interface SavedProof {
  readonly pass: SavedPass
  readonly mismatches: readonly Mismatch[]
}

/**
 * That the replica equals the source is looked at all the time; what differs though nobody wrote it
 * is told to the service and sent again.
 */
export class Proof {
  readonly mismatches: Mismatches
  readonly #scrub: Scrub
  readonly #wake: () => void

  constructor({ wake, ...options }: ProofOptions) {
    this.mismatches = new Mismatches(options.log)
    this.#wake = wake
    const onMismatch = (disk: TrackedDisk, range: Extent): void =>
      this.#found({ disk, range, foundBy: 'SCRUB' })
    this.#scrub = new Scrub({ ...options, onMismatch })
  }

  /** Until the signal is aborted; then returns when no comparison is under way. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#scrub.run(signal)
  }

  /** 0: nothing is compared. Undefined: the default. */
  setRate(bytesPerSecond: number | undefined): void {
    this.#scrub.setRate(bytesPerSecond)
  }

  /** A verification found this; without a point, in the live replica. */
  verificationFound(disk: TrackedDisk, range: Extent, pointID: string | undefined): void {
    if (pointID === undefined) this.#scrub.foundDifferent(disk, range)
    this.#found({ disk, range, foundBy: 'VERIFICATION', pointID })
  }

  report(): ScrubReport {
    return this.#scrub.report()
  }

  save(disks: readonly TrackedDisk[]): {
    readonly proof: SavedProof
    readonly maps: readonly Uint8Array[]
  } {
    const { pass, maps } = this.#scrub.save(disks)
    return { proof: { pass, mismatches: this.mismatches.save() }, maps }
  }

  restore(
    saved: SavedProof,
    disks: readonly (TrackedDisk | undefined)[],
    maps: Iterator<Uint8Array>,
  ): void {
    this.#scrub.restore(saved.pass, disks, maps)
    this.mismatches.restore(saved.mismatches)
  }

  #found(defect: DefectFound): void {
    defect.disk.map.add(defect.range)
    this.mismatches.add(defect)
    this.#wake()
  }
}

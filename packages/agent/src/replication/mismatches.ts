import { randomUUID } from 'node:crypto'
import { MIB, type Mismatch } from '@landfall/model'
import type { Extent } from '@landfall/block'
import type { TrackedDisk } from './tracked-disk.ts'

/** In one report. When more wait, the rest of a disk is told as one sum. */
const TOLD_MAX = 100

export interface DefectFound {
  readonly disk: TrackedDisk
  readonly range: Extent
  readonly foundBy: Mismatch['foundBy']
  /** Undefined: in the live replica. */
  readonly pointID?: string | undefined
}

/**
 * The mismatches that the service has not taken yet. None is forgotten and none is told under two
 * IDs, however long the service is away.
 */
export class Mismatches {
  readonly #log: (message: string) => void
  #waiting: readonly Mismatch[] = []
  /** Told at least once: the service may have it although its answer was lost. */
  readonly #told = new WeakSet<Mismatch>()

  constructor(log: (message: string) => void) {
    this.#log = log
  }

  add({ disk, range, foundBy, pointID }: DefectFound): void {
    const { deviceName } = disk
    const found: Mismatch = {
      mismatchID: randomUUID(),
      foundBy,
      foundAt: new Date().toISOString(),
      deviceName,
      offset: range.offset,
      differentBytes: range.length,
      ...(pointID === undefined ? {} : { pointID }),
    }
    const one = this.#waiting.findLast((earlier) => this.#isOneWith(earlier, found))
    if (one === undefined) {
      this.#log(describe(found))
      this.#waiting = [...this.#waiting, found]
      return
    }
    const sum = { ...one, differentBytes: one.differentBytes + found.differentBytes }
    this.#waiting = this.#waiting.map((mismatch) => (mismatch === one ? sum : mismatch))
  }

  /** To be told to the service: the oldest. */
  waiting(): readonly Mismatch[] {
    const oldest = this.#waiting.slice(0, TOLD_MAX)
    for (const mismatch of oldest) this.#told.add(mismatch)
    return oldest
  }

  /** The service has taken these. */
  taken(mismatches: readonly Mismatch[]): void {
    const ids = new Set(mismatches.map(({ mismatchID }) => mismatchID))
    this.#waiting = this.#waiting.filter(({ mismatchID }) => !ids.has(mismatchID))
  }

  /** All of them, for a state file. */
  save(): readonly Mismatch[] {
    return this.#waiting
  }

  /** Those of an earlier run, which may have told them. */
  restore(mismatches: readonly Mismatch[]): void {
    for (const mismatch of mismatches) this.#told.add(mismatch)
    this.#waiting = [...mismatches, ...this.#waiting]
  }

  /** Neighbours are one mismatch; so are any of one disk when too many wait. */
  #isOneWith(earlier: Mismatch, found: Mismatch): boolean {
    const isSame =
      earlier.deviceName === found.deviceName &&
      earlier.foundBy === found.foundBy &&
      earlier.pointID === found.pointID
    if (!isSame || this.#told.has(earlier)) return false
    const isNext = earlier.offset + earlier.differentBytes === found.offset
    return isNext || this.#waiting.length > TOLD_MAX
  }
}

function describe({ deviceName, offset, differentBytes, foundBy, pointID }: Mismatch): string {
  const where = pointID === undefined ? 'the replica' : `point ${pointID}`
  return (
    `Mismatch: ${differentBytes / MIB} MiB of ${deviceName} at ${offset} differ from ${where} ` +
    `without having been written meanwhile (${foundBy}); they are sent again to the replica`
  )
}

import type { TrackedDisk } from './tracked-disk.ts'

export interface DeviceWatchOptions {
  readonly disks: readonly TrackedDisk[]
  /** `/sys` unless in a test. */
  readonly sys?: string
  /** A disk is larger than its replica. */
  readonly onGrown: () => void
  /** Other paths lead to a disk; recording is to follow `writeNumbers` when it resolves. */
  readonly onPaths: () => Promise<void>
  readonly log: (message: string) => void
}

/** Looks once a second whether the disks are what they were: there, as large, by the same paths. */
export class DeviceWatch {
  readonly #options: DeviceWatchOptions
  #isLooking = false

  constructor(options: DeviceWatchOptions) {
    this.#options = options
  }

  async look(): Promise<void> {
    if (this.#isLooking) return
    this.#isLooking = true
    try {
      for (const disk of this.#options.disks) {
        await this.#lookAtPaths(disk)
        await this.#lookAtSize(disk)
        if (await disk.retry()) {
          this.#options.log(`Disk ${disk.deviceName} can be read again: it is rescanned`)
        }
      }
    } finally {
      this.#isLooking = false
    }
  }

  async #lookAtSize(disk: TrackedDisk): Promise<void> {
    if (disk.error !== undefined) return
    const presentBytes = await disk.device.presentBytes()
    if (presentBytes !== undefined && presentBytes > disk.sizeBytes) this.#options.onGrown()
    if (presentBytes !== undefined && presentBytes >= disk.sizeBytes) return
    if (presentBytes === undefined) disk.device.removed()
    else disk.device.shrunk(disk.sizeBytes, presentBytes)
    this.#options.log(disk.error ?? '')
  }

  /** What was written by a path before it was recorded is found by a rescan. */
  async #lookAtPaths(disk: TrackedDisk): Promise<void> {
    const { sys, onPaths, log } = this.#options
    if (!(await disk.device.findPaths(sys))) return
    await onPaths()
    log(`Disk ${disk.deviceName} is reached by other paths than before: it is rescanned`)
    disk.startRescan()
  }
}

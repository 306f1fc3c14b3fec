import assert from 'node:assert/strict'
import { LandfallError, type PointDescription, type PointRecord } from '@landfall/model'
import { Gate } from './gate.ts'
import type { PointReader, StagingVolume, VolumeDescription, VolumeSet } from './staging-volume.ts'

/** A volume set in memory, for tests of what stands above it. */
export class MemoryVolumeSet implements VolumeSet {
  readonly lost: Promise<string>
  readonly #sourceServerID: string
  readonly #descriptions: VolumeDescription[]
  readonly #contents: Buffer[]
  readonly #points = new Map<string, { record: PointRecord; contents: Buffer[] }>()
  readonly #lost = Promise.withResolvers<string>()
  readonly #gate = new Gate()

  constructor(
    sourceServerID: string,
    disks: readonly { readonly deviceName: string; readonly sizeBytes: number }[],
  ) {
    this.#sourceServerID = sourceServerID
    this.lost = this.#lost.promise
    this.#descriptions = disks.map((disk) => ({ ...disk, pristine: true }))
    this.#contents = disks.map((disk) => Buffer.alloc(disk.sizeBytes))
  }

  describe(): readonly VolumeDescription[] {
    return this.#descriptions
  }

  volume(index: number): StagingVolume {
    const content = this.#contents[index]
    const description = this.#descriptions[index]
    assert(content && description, `volume ${index} exists`)
    const change = (offset: number, length: number, apply: () => void): Promise<void> =>
      this.#gate.shared(async () => {
        assert(offset >= 0 && offset + length <= content.length, 'range is inside the volume')
        this.#descriptions[index] = { ...description, pristine: false }
        apply()
      })
    return {
      sizeBytes: content.length,
      write: (offset, data) => change(offset, data.length, () => content.set(data, offset)),
      writeAll: async (ranges) => {
        for (const { offset, data } of ranges) {
          await change(offset, data.length, () => content.set(data, offset))
        }
      },
      writeZeroes: (offset, length) =>
        change(offset, length, () => content.fill(0, offset, offset + length)),
      read: async (offset, length, take) => take(content.subarray(offset, offset + length)),
      flush: async () => undefined,
    }
  }

  async flush(): Promise<void> {
    await this.#gate.idle()
  }

  createPoint(description: PointDescription): Promise<PointRecord> {
    return this.#gate.exclusive(async () => {
      const existing = this.#points.get(description.pointID)
      if (existing !== undefined) return existing.record
      const disks = this.#descriptions.map((disk) => ({
        deviceName: disk.deviceName,
        sizeBytes: disk.sizeBytes,
        layerPath: '/memory',
        layerBytes: 0,
      }))
      const record = { ...description, sourceServerID: this.#sourceServerID, disks }
      const contents = this.#contents.map((content) => Buffer.from(content))
      this.#points.set(description.pointID, { record, contents })
      return record
    })
  }

  async openPoint(pointID: string, index: number): Promise<PointReader> {
    const content = this.#points.get(pointID)?.contents[index]
    if (content === undefined) throw new LandfallError('not_found', `No point ${pointID}`)
    return {
      sizeBytes: content.length,
      read: async (offset, length, take) => take(content.subarray(offset, offset + length)),
      [Symbol.asyncDispose]: async () => undefined,
    }
  }

  /** Makes `lost` settle, as when a storage daemon dies. */
  lose(reason: string): void {
    this.#lost.resolve(reason)
  }
}

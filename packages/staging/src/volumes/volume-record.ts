import { readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { LandfallError, type PointDescription } from '@landfall/model'
import { syncPath, writeDurably } from './durable-file.ts'

/**
 * The staging area's own record of one source server's volumes, `volumes.json`. It alone says which
 * layers make a chain, and in which order: the names in the headers of qcow2 files are not to be
 * trusted after a crash. Whatever changes layers is recorded before (intent) and after.
 */
export interface VolumeRecord {
  readonly version: 1
  readonly sourceServerID: string
  readonly volumes: readonly RecordedVolume[]
  readonly points: readonly RecordedPoint[]
  /** Who needs which point to stay; one entry per pin ID. */
  readonly pins: readonly { readonly pinID: string; readonly pointID: string }[]
  /**
   * What was begun and has not been completed. Its files are ours, hold nothing acknowledged that
   * is not elsewhere, and are removed on the next start.
   */
  readonly intent: { readonly files: readonly string[] } | null
  /**
   * The merge that is under way, or was when the program ended; the next start undoes it. Beside
   * the intent, for a point may be taken meanwhile.
   */
  readonly merge: RecordedMerge | null
  /** The volumes are being removed; on the next start the removal goes on. */
  readonly deleting: boolean
}

export interface RecordedVolume {
  readonly deviceName: string
  /** Of the last layer, from the next start on: the disk may grow. */
  readonly sizeBytes: number
  /** The size the service asked for last; absent until it was another than the first. */
  readonly askedBytes?: number
  readonly pristine: boolean
  /**
   * The disk is not replicated any more: the volume is there for its points, and goes with the last
   * of them, but for this entry, for points name volumes by their index. Another may have its name.
   */
  readonly retired?: true
  /**
   * File names beside the record, the lowest first; only the last one is written to. Any other that
   * is no point's was a deleted point's, and waits to take up the layer above it.
   */
  readonly layers: readonly string[]
}

/** The layer `top` goes into the file of the layer below it, `base`. Names are unique. */
export interface RecordedMerge {
  readonly base: string
  readonly top: string
  /** The layer above `top`: its header comes to name `base`. */
  readonly next: string
}

export interface RecordedPoint {
  readonly description: PointDescription
  /**
   * By the order of `volumes`: the file that was the last layer when the point was taken; null for
   * a disk that was not replicated any more.
   */
  readonly layers: readonly (string | null)[]
  /** By the order of `volumes`: how large the disk was then. */
  readonly diskBytes: readonly number[]
  /** The service knows the point. */
  readonly announced: boolean
}

const FILE_NAME = 'volumes.json'

/** The record with `files` among those the next start removes, unless they are layers by then. */
export function withFiles(record: VolumeRecord, files: readonly string[]): VolumeRecord {
  return { ...record, intent: { files: [...new Set([...(record.intent?.files ?? []), ...files])] } }
}

export function withoutFiles(record: VolumeRecord, files: readonly string[]): VolumeRecord {
  const left = record.intent?.files.filter((file) => !files.includes(file)) ?? []
  return { ...record, intent: left.length === 0 ? null : { files: left } }
}

/** Records lack merges from before there were any, and sizes from before disks could grow. */
function completed(record: VolumeRecord): VolumeRecord {
  const sizes = record.volumes.map((volume) => volume.sizeBytes)
  const points = record.points.map((point) => ({
    ...point,
    diskBytes: point.diskBytes ?? sizes.slice(0, point.layers.length),
  }))
  return { ...record, merge: record.merge ?? null, points }
}

/** Reads and replaces the record; each change is durable before it is seen. */
export class VolumeRecordStore {
  readonly folder: string
  #record: VolumeRecord
  #lastUpdate: Promise<unknown> = Promise.resolve()

  private constructor(folder: string, record: VolumeRecord) {
    this.folder = folder
    this.#record = record
  }

  /** The record in `folder`, or undefined when there is none. */
  static async open(folder: string): Promise<VolumeRecordStore | undefined> {
    let text: string
    try {
      text = await readFile(join(folder, FILE_NAME), 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
    const record = JSON.parse(text) as VolumeRecord
    const version: number = record.version
    if (version !== 1) {
      throw new LandfallError(
        'unavailable',
        `${join(folder, FILE_NAME)} has version ${version}, and this program knows version 1. Use the program that wrote it, or a newer one`,
      )
    }
    return new VolumeRecordStore(folder, completed(record))
  }

  /** Writes the first record into `folder`, which exists. */
  static async create(folder: string, record: VolumeRecord): Promise<VolumeRecordStore> {
    const store = new VolumeRecordStore(folder, record)
    await store.#write(record)
    await syncPath(dirname(folder))
    return store
  }

  get current(): VolumeRecord {
    return this.#record
  }

  /**
   * Changes run one after the other; what `change` throws changes nothing, nor does giving back the
   * record it got.
   */
  update(change: (record: VolumeRecord) => VolumeRecord): Promise<VolumeRecord> {
    const result = this.#lastUpdate.then(async () => {
      const next = change(this.#record)
      if (next !== this.#record) await this.#write(next)
      this.#record = next
      return next
    })
    this.#lastUpdate = result.catch(() => undefined)
    return result
  }

  async #write(record: VolumeRecord): Promise<void> {
    await writeDurably(join(this.folder, FILE_NAME), `${JSON.stringify(record, undefined, 1)}\n`)
  }

  /** Absolute path of a layer. */
  pathOf(layer: string): string {
    return join(this.folder, layer)
  }

  /** Removes the record itself: the last step of removing the volumes. */
  async remove(): Promise<void> {
    await this.#lastUpdate
    await rm(join(this.folder, FILE_NAME))
    await syncPath(this.folder)
  }
}

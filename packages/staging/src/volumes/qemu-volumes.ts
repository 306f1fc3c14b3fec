import assert from 'node:assert/strict'
import { NbdConnections } from '@landfall/block'
import { LandfallError, type PointDescription, type PointRecord } from '@landfall/model'
import {
  checkPointCount,
  describePoint,
  findPoint,
  withoutPoint,
  withPoint,
} from '../points/points.ts'
import { QmpError } from '../storage-daemon/qmp-client.ts'
import type { StorageDaemon } from '../storage-daemon/storage-daemon.ts'
import { FILE_ACCESSES, fileNode, layerNode, nbdExport, nodeName } from './block-nodes.ts'
import { Gate } from './gate.ts'
import { createLayer, layerNameAbove, removeFiles } from './layer-files.ts'
import { LayerMerger } from './merge-layers.ts'
import type { MergeTurn } from './merge-turn.ts'
import { readPoint } from './qemu-point-reader.ts'
import { withoutUnusedLayers } from './requested-disks.ts'
import { asStorage, StorageError } from './storage-error.ts'
import type { PointReader, StagingVolume, VolumeDescription, VolumeSet } from './staging-volume.ts'
import { withFiles, type VolumeRecordStore } from './volume-record.ts'

/**
 * The volumes of one source server in one life of its storage daemon. The chains are built from the
 * record; when daemon or connections break, `lost` settles and the set is not used again.
 */
export class QemuVolumeSet implements VolumeSet, AsyncDisposable {
  readonly lost: Promise<string>
  readonly #store: VolumeRecordStore
  readonly #daemon: StorageDaemon
  /** By the index of the volume; a retired one without points has none. */
  readonly #clients = new Map<number, NbdConnections>()
  readonly #lost = Promise.withResolvers<string>()
  readonly #gate = new Gate()
  readonly #marking = new Map<number, Promise<void>>()
  readonly #turn: MergeTurn
  readonly #merger: LayerMerger
  readonly #ended = new AbortController()
  #accesses = FILE_ACCESSES

  private constructor(store: VolumeRecordStore, daemon: StorageDaemon, turn: MergeTurn) {
    this.#store = store
    this.#daemon = daemon
    this.#turn = turn
    const lose = (cause: unknown): Promise<void> => this.#loseAfter('merge', cause)
    this.#merger = new LayerMerger({ store, daemon, turn, lose })
    this.lost = this.#lost.promise
    void this.lost.then((why) => this.#ended.abort(new StorageError('lost', why)))
    void daemon.exited.then((why) => this.#lost.resolve(`the storage daemon ended (${why})`))
  }

  /** Takes over an empty daemon; it is stopped by disposing the set. */
  static async open(
    store: VolumeRecordStore,
    daemon: StorageDaemon,
    turn: MergeTurn,
  ): Promise<QemuVolumeSet> {
    const set = new QemuVolumeSet(store, daemon, turn)
    try {
      for (const index of store.current.volumes.keys()) await set.#attach(index)
      return set
    } catch (error) {
      daemon.kill()
      await daemon.exited
      throw error
    }
  }

  describe(): readonly VolumeDescription[] {
    return this.#store.current.volumes
  }

  volume(index: number): StagingVolume {
    const client = this.#client(index)
    const changing = (operation: () => Promise<void>): Promise<void> =>
      this.#gate.shared(async () => {
        await this.#markWritten(index)
        await asStorage(operation())
      })
    return {
      sizeBytes: client.sizeBytes,
      write: (offset, data) => changing(() => client.write(offset, data)),
      writeAll: (ranges) => changing(() => client.writeAll(ranges)),
      writeZeroes: (offset, length) => changing(() => client.writeZeroes(offset, length)),
      read: (offset, length, take) => asStorage(client.read(offset, length, take)),
      flush: () => asStorage(client.flush()),
    }
  }

  async flush(): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => asStorage(client.flush())))
  }

  createPoint(description: PointDescription): Promise<PointRecord> {
    return this.#gate.exclusive(async () => {
      const { points } = this.#store.current
      const { pointID } = description
      if (!points.some((point) => point.description.pointID === pointID)) {
        await this.#turn.aside(() => asStorage(this.#snapshot(description)), {
          conflicts: () => false,
          signal: this.#ended.signal,
        })
      }
      return await describePoint(this.#store, pointID)
    })
  }

  /** A reader of a point that is deleted meanwhile rejects with `not_found` from then on. */
  async openPoint(pointID: string, index: number): Promise<PointReader> {
    const layer = (): string | null => findPoint(this.#store.current, pointID).layers[index] ?? null
    const reader = await this.#turn.aside(
      async () => {
        const found = layer()
        if (found !== null) return asStorage(readPoint(this.#daemon, nodeName(found)))
        const sentence = `Point ${pointID} has no disk with the index ${index}`
        throw new LandfallError('not_found', sentence)
      },
      // The daemon lets nobody begin to read a layer that it is merging.
      { conflicts: ({ top }) => layer() === top, signal: this.#ended.signal },
    )
    return {
      sizeBytes: reader.sizeBytes,
      read: async (offset, length, take) => {
        await asStorage(reader.read(offset, length, take))
        // Once the point is gone from the record, its layer takes up another's content.
        layer()
      },
      [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
    }
  }

  /**
   * Deletes the point durably, then frees its layers, while writes go on; `conflict` as
   * `withoutPoint`. A failure after the point is gone loses nothing: asked again, it goes on. What
   * a point stands on that was pinned meanwhile is freed when it is not pinned any more.
   */
  async deletePoint(pointID: string): Promise<void> {
    await asStorage(this.#store.update((record) => withoutPoint(record, pointID)))
    await this.mergeLayers()
  }

  /** Goes on freeing the layers of deleted points, as far as pins allow. */
  async mergeLayers(): Promise<void> {
    await asStorage(this.#merger.run())
    await this.#freeUnused()
  }

  /** What no point has any more of a disk that is not replicated goes when all is opened anew. */
  async #freeUnused(): Promise<void> {
    if (withoutUnusedLayers(this.#store.current) === this.#store.current) return
    await asStorage(this.#store.update(withoutUnusedLayers))
    this.#lost.resolve('the volume of a disk that was left out is removed')
  }

  /** Makes everything durable and ends the daemon. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#lost.resolve('the volumes are being closed')
    await this.#merger.stop()
    await this.#gate.idle()
    const clients = [...this.#clients.values()]
    await Promise.allSettled(clients.map((client) => client.flush()))
    await Promise.allSettled(clients.map((client) => client.close()))
    await this.#daemon.stop()
  }

  /** Ends the daemon at once; when this resolves, nothing is written any more. */
  async kill(): Promise<void> {
    this.#daemon.kill()
    await this.#daemon.exited
    await this.#merger.stop()
    await this.#gate.idle()
  }

  #client(index: number): NbdConnections {
    const client = this.#clients.get(index)
    assert(client, `volume ${index} exists`)
    return client
  }

  /** Builds the chain of one volume and connects to its top. */
  async #attach(index: number): Promise<void> {
    const layers = this.#store.current.volumes[index]?.layers ?? []
    if (layers.length === 0) return
    for (const [position, layer] of layers.entries()) {
      const below = layers[position - 1]
      await this.#addLayer({
        layer,
        backing: below === undefined ? null : nodeName(below),
        frozen: position < layers.length - 1,
      })
    }
    const exportName = `volume-${index}`
    const node = nodeName(layers.at(-1) ?? '')
    await this.#daemon.execute(
      'block-export-add',
      nbdExport({ id: exportName, node, writable: true }),
    )
    const client = await NbdConnections.open({ socketPath: this.#daemon.nbdSocket, exportName })
    this.#clients.set(index, client)
    void client.closed.then((error) => this.#lost.resolve(error?.message ?? 'closed'))
  }

  async #addLayer(options: {
    layer: string
    backing: string | null
    frozen: boolean
  }): Promise<void> {
    const name = nodeName(options.layer)
    const path = this.#store.pathOf(options.layer)
    await this.#addFile({ name, path })
    await this.#daemon.execute('blockdev-add', layerNode({ name, ...options }))
  }

  /** With the best access of those that succeed; throws why the last of them failed. */
  async #addFile(file: { name: string; path: string }): Promise<void> {
    let failure: unknown
    for (const [index, access] of this.#accesses.entries()) {
      try {
        await this.#daemon.execute('blockdev-add', fileNode({ ...file, access }))
        this.#accesses = this.#accesses.slice(index)
        return
      } catch (error) {
        failure = error
      }
    }
    throw failure
  }

  /**
   * Durably takes the mark `pristine` from the volume, once, before the first write is accepted.
   */
  async #markWritten(index: number): Promise<void> {
    if (this.#store.current.volumes[index]?.pristine !== true) return
    let marking = this.#marking.get(index)
    if (marking === undefined) {
      marking = this.#store
        .update((record) => ({
          ...record,
          volumes: record.volumes.map((volume, at) =>
            at === index ? { ...volume, pristine: false } : volume,
          ),
        }))
        .then(() => undefined)
      this.#marking.set(index, marking)
      const done = (): void => void this.#marking.delete(index)
      marking.then(done, done)
    }
    await asStorage(marking)
  }

  /**
   * One layer more on every volume, all at one moment. Until the last record is durable nothing is
   * written to the new layers, so that leaving them out after a crash loses nothing.
   */
  async #snapshot(description: PointDescription): Promise<void> {
    checkPointCount(this.#store.current)
    await this.flush()
    const overlays = new Map<number, string>()
    for (const [index, { retired, layers }] of this.#store.current.volumes.entries()) {
      if (!retired) overlays.set(index, layerNameAbove(layers.at(-1) ?? ''))
    }
    const files = [...overlays.values()]
    await this.#store.update((record) => withFiles(record, files))
    try {
      await this.#switchTo(overlays)
    } catch (error) {
      await this.#abandon(files, error)
      throw error
    }
    try {
      await this.#freezeLayersBelow(overlays)
      await this.#store.update((record) => withPoint(record, description, overlays))
    } catch (cause) {
      // The daemon writes to layers the record does not have: only a new start puts that right.
      await this.#loseAfter('point', cause)
      throw new StorageError('lost', 'The point could not be recorded', { cause })
    }
  }

  async #switchTo(overlays: ReadonlyMap<number, string>): Promise<void> {
    const { volumes } = this.#store.current
    const actions: object[] = []
    for (const [index, layer] of overlays) {
      const { sizeBytes, layers } = volumes[index] ?? { sizeBytes: 0, layers: [] }
      const below = layers.at(-1) ?? ''
      const backingPath = this.#store.pathOf(below)
      await createLayer({ path: this.#store.pathOf(layer), sizeBytes, backingPath })
      await this.#addLayer({ layer, backing: null, frozen: false })
      const data = { node: nodeName(below), overlay: nodeName(layer) }
      actions.push({ type: 'blockdev-snapshot', data })
    }
    await this.#daemon.execute('transaction', { actions })
  }

  /** Before the record changes: what is on top in the daemon is not yet in the record. */
  async #freezeLayersBelow(overlays: ReadonlyMap<number, string>): Promise<void> {
    const options = [...overlays.keys()].map((index) => {
      const layers = this.#store.current.volumes[index]?.layers ?? []
      const below = layers.at(-2)
      // Left out, `backing` of the lowest layer would mean what its header says, which is nothing.
      const backing = below === undefined ? null : nodeName(below)
      return layerNode({ name: nodeName(layers.at(-1) ?? ''), backing, frozen: true })
    })
    await this.#daemon.execute('blockdev-reopen', { options })
  }

  /** After a refusal the old layers still take the writes; the new files go. */
  async #abandon(files: readonly string[], cause: unknown): Promise<void> {
    const refused = cause instanceof QmpError || cause instanceof StorageError
    if (!refused) return await this.#loseAfter('point', cause)
    for (const name of files.map(nodeName)) {
      for (const node of [name, `${name}-file`]) {
        // A node that was never added is refused, and that is as good.
        await this.#daemon.execute('blockdev-del', { 'node-name': node }).catch(() => undefined)
      }
    }
    await removeFiles(
      this.#store.folder,
      files.map((file) => this.#store.pathOf(file)),
    )
  }

  async #loseAfter(what: 'point' | 'merge', cause: unknown): Promise<void> {
    this.#lost.resolve(`a ${what} failed half-way: ${String(cause)}`)
    this.#daemon.kill()
    await this.#daemon.exited
  }
}

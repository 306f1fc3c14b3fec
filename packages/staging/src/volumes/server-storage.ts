import { setTimeout as sleep } from 'node:timers/promises'
import { errorText, replicationFailure, type DataReplicationErrorCode } from '@landfall/model'
import { StorageDaemon, type StorageDaemonOptions } from '../storage-daemon/storage-daemon.ts'
import { enlargeLayer, removeFiles } from './layer-files.ts'
import { undoMerge } from './merge-layers.ts'
import { MergeTurn } from './merge-turn.ts'
import { QemuVolumeSet } from './qemu-volumes.ts'
import type { VolumeRecord, VolumeRecordStore } from './volume-record.ts'

/**
 * Between two attempts: a killed daemon is back at once, a broken disk does not keep a core busy.
 */
const BACKOFF_MS_MIN = 50
const BACKOFF_MS_MAX = 10_000

/** Fewer failures in a row than this are not worth an operator's eye. */
const FAILURES_BEFORE_TROUBLE = 3

export type ReportTrouble = (
  sourceServerID: string,
  trouble: { readonly error: DataReplicationErrorCode; readonly rawError: string } | null,
) => void

export interface ServerStorageOptions extends StorageDaemonOptions {
  readonly store: VolumeRecordStore
  readonly log: (message: string) => void
  readonly reportTrouble: ReportTrouble
}

/**
 * Keeps the volumes of one source server open: starts the storage daemon, builds the chains from
 * the record, and does so again, with growing pauses, whenever the daemon ends.
 */
export class ServerStorage {
  readonly store: VolumeRecordStore
  /** What changes layers, or needs them to stay where they are, waits for its turn. */
  readonly turn: MergeTurn
  readonly #options: ServerStorageOptions
  readonly #stopping = new AbortController()
  readonly #running: Promise<void>
  #ready = Promise.withResolvers<QemuVolumeSet>()

  constructor(options: ServerStorageOptions) {
    this.store = options.store
    this.turn = new MergeTurn(options.store.current.merge)
    this.#options = options
    this.#running = this.#run()
  }

  get record(): VolumeRecord {
    return this.store.current
  }

  /** The open volumes; waits while they are being opened. Rejects with the signal's reason. */
  async ready(signal: AbortSignal): Promise<QemuVolumeSet> {
    const any = AbortSignal.any([signal, this.#stopping.signal])
    any.throwIfAborted()
    const { promise, reject } = Promise.withResolvers<never>()
    const abort = (): void => reject(any.reason as Error)
    any.addEventListener('abort', abort, { once: true })
    try {
      return await Promise.race([this.#ready.promise, promise])
    } finally {
      any.removeEventListener('abort', abort)
    }
  }

  /** Goes on freeing the layers of deleted points, in the background, once the volumes are open. */
  mergeLayers(): void {
    void this.#ready.promise.then((set) => this.#mergeLayers(set))
  }

  /** Writes everything back, ends the daemon, and resolves when it is gone. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('The volumes are being closed'))
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    let failures = 0
    while (!signal.aborted) {
      try {
        await this.#serve(() => {
          if (failures >= FAILURES_BEFORE_TROUBLE) this.#report(null)
          failures = 0
        })
      } catch (error) {
        failures++
        this.#options.log(`The volumes cannot be opened: ${errorText(error)}`)
        if (failures === FAILURES_BEFORE_TROUBLE) this.#report(errorText(error))
      }
      const backoffMs = Math.min(BACKOFF_MS_MIN * 2 ** failures, BACKOFF_MS_MAX)
      await sleep(backoffMs, undefined, { signal }).catch(() => undefined)
    }
  }

  /** One life of the daemon. */
  async #serve(onReady: () => void): Promise<void> {
    const { runDir, logPath, log, store } = this.#options
    const daemon = await StorageDaemon.start({ runDir, logPath })
    // Only now is nobody left who could have these files open.
    await removeUnfinished(store)
    await undoMerge(store)
    await enlargeGrown(store)
    this.turn.end()
    const set = await QemuVolumeSet.open(store, daemon, this.turn)
    // Whoever hears of the loss and asks for the volumes gets the next ones.
    const lost = set.lost.then((reason) => {
      this.#ready = Promise.withResolvers()
      return reason
    })
    onReady()
    this.#ready.resolve(set)
    this.#mergeLayers(set)
    const reason = await Promise.race([lost, this.#stopped()])
    if (reason === undefined) {
      this.#ready = Promise.withResolvers()
      await set[Symbol.asyncDispose]()
      return
    }
    log(`The volumes are opened anew: ${reason}`)
    await set.kill()
  }

  #mergeLayers(set: QemuVolumeSet): void {
    set.mergeLayers().catch((error: unknown) => {
      if (this.#stopping.signal.aborted) return
      this.#options.log(`The layers of deleted points are not merged yet: ${errorText(error)}`)
    })
  }

  #stopped(): Promise<undefined> {
    const { signal } = this.#stopping
    return new Promise((resolve) => {
      if (signal.aborted) resolve(undefined)
      signal.addEventListener('abort', () => resolve(undefined), { once: true })
    })
  }

  #report(why: string | null): void {
    const { sourceServerID } = this.record
    const cause = `${why}; the storage daemon's messages are in ${this.#options.logPath}`
    this.#options.reportTrouble(
      sourceServerID,
      why === null ? null : replicationFailure('FAILED_TO_ATTACH_STAGING_DISKS', cause),
    )
  }
}

/** The record says first how large a disk has become; then its volume follows. */
async function enlargeGrown(store: VolumeRecordStore): Promise<void> {
  for (const { layers, sizeBytes } of store.current.volumes) {
    const top = layers.at(-1)
    if (top !== undefined) await enlargeLayer(store.pathOf(top), sizeBytes)
  }
}

/** Undoes what was begun and not completed: removes the files of the intent. */
async function removeUnfinished(store: VolumeRecordStore): Promise<void> {
  const { intent, volumes } = store.current
  const layers = new Set(volumes.flatMap((volume) => volume.layers))
  const unfinished = (intent?.files ?? []).filter((file) => !layers.has(file))
  await removeFiles(
    store.folder,
    unfinished.map((file) => store.pathOf(file)),
  )
}

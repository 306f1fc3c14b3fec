import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  DISK_BYTES_MAX,
  DISK_BYTES_MIN,
  DISKS_PER_SERVER_MAX,
  isId,
  LandfallError,
} from '@landfall/model'
import { endStaleDaemon } from '../storage-daemon/stale-daemon.ts'
import { daemonFiles } from '../storage-daemon/storage-daemon.ts'
import { removeFiles, createLayer, layerName } from './layer-files.ts'
import { missingDisks, withGrown, withRequested, type RequestedDisk } from './requested-disks.ts'
import { ServerStorage, type ReportTrouble } from './server-storage.ts'
import {
  withFiles,
  withoutFiles,
  VolumeRecordStore,
  type RecordedVolume,
  type VolumeRecord,
} from './volume-record.ts'
import { syncPath } from './durable-file.ts'

export interface StagingAreaOptions {
  /** Holds a folder per source server. */
  readonly stagingDir: string
  readonly runDir: string
  readonly logDir: string
  readonly log: (message: string) => void
  readonly reportTrouble: ReportTrouble
}

const SECTOR_BYTES = 512

/** The volumes of all source servers. Creating and removing are idempotent, one at a time. */
export class StagingArea implements AsyncDisposable {
  readonly #options: StagingAreaOptions
  readonly #servers = new Map<string, ServerStorage>()
  #lastChange: Promise<unknown> = Promise.resolve()

  private constructor(options: StagingAreaOptions) {
    this.#options = options
  }

  /** Opens what the records say, and completes removals that were interrupted. */
  static async open(options: StagingAreaOptions): Promise<StagingArea> {
    const area = new StagingArea(options)
    await mkdir(options.stagingDir, { recursive: true })
    for (const name of await readdir(options.stagingDir)) {
      if (!isId('sourceServer', name)) continue
      const store = await VolumeRecordStore.open(join(options.stagingDir, name))
      if (store === undefined) continue
      if (store.current.deleting) await area.#remove(store)
      else if (store.current.volumes.length > 0) area.#serve(store)
    }
    return area
  }

  servers(): IterableIterator<ServerStorage> {
    return this.#servers.values()
  }

  find(sourceServerID: string): ServerStorage | undefined {
    return this.#servers.get(sourceServerID)
  }

  /** `not_found` when the server has no volumes here. */
  get(sourceServerID: string): ServerStorage {
    const found = this.#servers.get(sourceServerID)
    if (found !== undefined) return found
    throw new LandfallError(
      'not_found',
      `The staging area has no volumes of source server ${sourceServerID}`,
      { resource: { resourceId: sourceServerID, resourceType: 'SourceServer' } },
    )
  }

  /**
   * Makes the volumes that are missing, and as large as asked those that are smaller. The volume of
   * a disk that is not asked for any more, or that has shrunk, stays for its points alone.
   */
  createVolumes(sourceServerID: string, disks: readonly RequestedDisk[]): Promise<void> {
    return this.#change(async () => {
      checkRequest(sourceServerID, disks)
      const folder = join(this.#options.stagingDir, sourceServerID)
      const existing = this.find(sourceServerID)?.store ?? (await VolumeRecordStore.open(folder))
      const requested = existing && withRequested(existing.current, disks)
      const missing = missingDisks(requested, disks)
      if (requested === existing?.current && missing.length === 0 && existing) return
      await mkdir(folder, { recursive: true })
      const store =
        existing ?? (await VolumeRecordStore.create(folder, emptyRecord(sourceServerID)))
      await this.#whileStopped(store, async () => {
        await store.update((record) => withRequested(record, disks))
        await addVolumes(store, missing)
      })
    })
  }

  /** Makes the volumes of disks that have grown as large as they are. */
  async growVolumes(sourceServerID: string, disks: readonly RequestedDisk[]): Promise<void> {
    const hasGrown = (): boolean => {
      const record = this.find(sourceServerID)?.record
      return record !== undefined && withGrown(record, disks) !== record
    }
    if (!hasGrown()) return
    await this.#change(async () => {
      if (!hasGrown()) return
      checkSizes(disks)
      const { store } = this.get(sourceServerID)
      await this.#whileStopped(store, async () => {
        await store.update((record) => withGrown(record, disks))
      })
    })
  }

  /**
   * `conflict` while a point is pinned: an instance or a conversion runs on its layers. `endUse` is
   * called before the volumes go.
   */
  deleteVolumes(sourceServerID: string, endUse: () => Promise<void>): Promise<void> {
    return this.#change(async () => {
      const server = this.#servers.get(sourceServerID)
      if (server === undefined) return
      await server.store.update((record) => {
        checkUnpinned(record)
        return { ...record, deleting: true }
      })
      this.#servers.delete(sourceServerID)
      await endUse()
      await server.stop()
      await this.#remove(server.store)
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lastChange
    await Promise.all([...this.#servers.values()].map((server) => server.stop()))
  }

  #change<T>(operation: () => Promise<T>): Promise<T> {
    const result = this.#lastChange.then(operation)
    this.#lastChange = result.catch(() => undefined)
    return result
  }

  /** Runs while nothing else can begin anything in the record; its volumes are opened anew then. */
  async #whileStopped(store: VolumeRecordStore, change: () => Promise<void>): Promise<void> {
    await this.#servers.get(store.current.sourceServerID)?.stop()
    try {
      await change()
    } finally {
      if (store.current.volumes.length > 0) this.#serve(store)
    }
  }

  #serve(store: VolumeRecordStore): void {
    const { sourceServerID } = store.current
    const { runDir, logDir, log, reportTrouble } = this.#options
    const server = new ServerStorage({
      store,
      runDir: join(runDir, sourceServerID),
      logPath: join(logDir, `storage-daemon-${sourceServerID}.log`),
      log: (message) => log(`${sourceServerID}: ${message}`),
      reportTrouble,
    })
    this.#servers.set(sourceServerID, server)
  }

  /** Layers first, the record last: an interrupted removal is found again. */
  async #remove(store: VolumeRecordStore): Promise<void> {
    const { volumes, intent, sourceServerID } = store.current
    const runDir = join(this.#options.runDir, sourceServerID)
    await endStaleDaemon(daemonFiles(runDir))
    const files = [...volumes.flatMap((volume) => volume.layers), ...(intent?.files ?? [])]
    await removeFiles(
      store.folder,
      files.map((file) => store.pathOf(file)),
    )
    await store.remove()
    await rm(store.folder, { recursive: true })
    await syncPath(this.#options.stagingDir)
    await rm(runDir, { recursive: true, force: true })
  }
}

function emptyRecord(sourceServerID: string): VolumeRecord {
  return {
    version: 1,
    sourceServerID,
    volumes: [],
    points: [],
    pins: [],
    intent: null,
    merge: null,
    deleting: false,
  }
}

async function addVolumes(
  store: VolumeRecordStore,
  disks: readonly RequestedDisk[],
): Promise<void> {
  const first = store.current.volumes.length
  const volumes = disks.map((disk, index): RecordedVolume => ({
    deviceName: disk.deviceName,
    sizeBytes: disk.sizeBytes,
    pristine: true,
    layers: [layerName(first + index, 0)],
  }))
  const files = volumes.flatMap((volume) => volume.layers)
  await store.update((record) => withFiles(record, files))
  for (const [index, file] of files.entries()) {
    await createLayer({ path: store.pathOf(file), sizeBytes: disks[index]?.sizeBytes ?? 0 })
  }
  await store.update((record) =>
    withoutFiles({ ...record, volumes: [...record.volumes, ...volumes] }, files),
  )
}

function checkRequest(sourceServerID: string, disks: readonly RequestedDisk[]): void {
  const names = new Set(disks.map((disk) => disk.deviceName))
  const problem = !isId('sourceServer', sourceServerID)
    ? `"${sourceServerID}" is not a source server ID`
    : disks.length === 0 || disks.length > DISKS_PER_SERVER_MAX
      ? `${disks.length} disks; there may be 1 to ${DISKS_PER_SERVER_MAX}`
      : names.size < disks.length
        ? 'two disks have the same name'
        : undefined
  if (problem) throw new LandfallError('validation', `Cannot create staging volumes: ${problem}`)
  checkSizes(disks)
}

function checkSizes(disks: readonly RequestedDisk[]): void {
  for (const { deviceName, sizeBytes } of disks) {
    const isRight =
      sizeBytes >= DISK_BYTES_MIN && sizeBytes <= DISK_BYTES_MAX && sizeBytes % SECTOR_BYTES === 0
    if (isRight) continue
    const limits = `${DISK_BYTES_MIN} to ${DISK_BYTES_MAX} bytes, in whole sectors of 512`
    throw new LandfallError(
      'validation',
      `${deviceName} has ${sizeBytes} bytes; a staging volume has ${limits}. Leave the disk out with --devices`,
    )
  }
}

function checkUnpinned(record: VolumeRecord): void {
  const [pin] = record.pins
  if (pin === undefined) return
  throw new LandfallError(
    'conflict',
    `The volumes of source server ${record.sourceServerID} cannot be deleted: point ${pin.pointID} is in use by ${pin.pinID}. Terminate the instance, or finalize the cutover, first`,
    { resource: { resourceId: pin.pinID, resourceType: 'Pin' } },
  )
}

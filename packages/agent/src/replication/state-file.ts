import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { MIB } from '@landfall/model'
import { DirtyMap } from '@landfall/block'
import type { PointChanges } from '../points/point-changes.ts'
import type { TrackerState } from '../tracking/tracker.ts'
import type { Proof, SavedProof } from './proof.ts'
import type { DiskPhase, TrackedDisk } from './tracked-disk.ts'

const VERSION = 2

interface StateHead {
  readonly version: number
  readonly bootID: string
  readonly tracker: TrackerState
  readonly disks: readonly {
    readonly deviceName: string
    readonly sizeBytes: number
    readonly writeNumbers: readonly number[]
    readonly attachment: string
    readonly phase: DiskPhase
  }[]
  /** Oldest first; the sizes of the disks as they were, null for one that was not in the point. */
  readonly points: readonly {
    readonly pointID: string
    readonly sizes: readonly (number | null)[]
  }[]
  /** Its maps come last. */
  readonly proof: SavedProof
}

/** What is kept besides the disks. */
export interface KeptState {
  readonly changes: PointChanges
  readonly proof: Proof
}

/** What a clean stop leaves for the next run, on a filesystem in memory. */
export class StateFile {
  readonly #path: string

  constructor(stateDir: string) {
    this.#path = path.join(stateDir, 'replication.state')
  }

  /** To be called after the tracker was released and nothing is in flight. */
  async save(
    disks: readonly TrackedDisk[],
    { changes, proof }: KeptState,
    tracker: TrackerState,
  ): Promise<void> {
    const maps: Uint8Array[] = disks.map((disk) => disk.map.snapshot())
    const points: StateHead['points'][number][] = []
    for (const [pointID, ofDisks] of changes) {
      const ofPoint = disks.map((disk) => ofDisks.get(disk))
      points.push({ pointID, sizes: ofPoint.map((map) => map?.sizeBytes ?? null) })
      for (const map of ofPoint) if (map) maps.push(map.snapshot())
    }
    const ofProof = proof.save(disks)
    maps.push(...ofProof.maps)
    const head: StateHead = {
      version: VERSION,
      bootID: await bootID(),
      tracker,
      disks: disks.map(({ deviceName, sizeBytes, device, phase }) => {
        const { writeNumbers, attachment } = device
        return { deviceName, sizeBytes, writeNumbers, attachment, phase }
      }),
      points,
      proof: ofProof.proof,
    }
    const temporary = `${this.#path}.new`
    await writeFile(temporary, encode(head, maps), { mode: 0o600 })
    await rename(temporary, this.#path)
  }

  /**
   * Takes the state of an earlier run that ended cleanly on this boot; undefined otherwise. It is
   * there for one taker only: a run that ends uncleanly must not be followed by it.
   */
  async take(): Promise<SavedState | undefined> {
    const bytes = await readFile(this.#path).catch(() => undefined)
    await this.remove()
    if (bytes === undefined) return undefined
    try {
      const { head, maps } = decode(bytes)
      const isUsable = head.version === VERSION && head.bootID === (await bootID())
      return isUsable ? new SavedState(head, maps) : undefined
    } catch {
      // A file that cannot be read is as good as none: everything is compared.
      return undefined
    }
  }

  async remove(): Promise<void> {
    await rm(this.#path, { force: true })
  }
}

/** The state of an earlier run. */
export class SavedState {
  readonly tracker: TrackerState
  readonly #head: StateHead
  readonly #maps: readonly Uint8Array[]

  constructor(head: StateHead, maps: readonly Uint8Array[]) {
    this.#head = head
    this.#maps = maps
    this.tracker = head.tracker
  }

  /**
   * Gives disks, points and scrub back what was known of them, and returns the disks of which it is
   * all that is to be known: those that are as they were.
   */
  restore(disks: readonly TrackedDisk[], { changes, proof }: KeptState): Set<TrackedDisk> {
    const maps = this.#maps.values()
    const next = (): Uint8Array => maps.next().value as Uint8Array
    const same = this.#head.disks.map((saved) => disks.find((disk) => isSame(disk, saved)))
    for (const [index, disk] of same.entries()) {
      const bits = next()
      disk?.map.restore(bits)
      const phase = this.#head.disks[index]?.phase ?? { kind: 'steady' }
      if (disk) disk.phase = phase.kind === 'rescan' ? { ...phase, open: 0 } : phase
    }
    for (const { pointID, sizes } of this.#head.points) {
      const ofDisks = new Map<TrackedDisk, DirtyMap>()
      for (const [index, sizeBytes] of sizes.entries()) {
        if (sizeBytes === null) continue
        const map = new DirtyMap(sizeBytes, MIB)
        map.restore(next())
        const disk = same[index]
        if (disk) ofDisks.set(disk, map)
      }
      changes.restore(pointID, ofDisks)
    }
    proof.restore(this.#head.proof, same, maps)
    return new Set(same.filter((disk) => disk !== undefined))
  }
}

function isSame(disk: TrackedDisk, saved: StateHead['disks'][number]): boolean {
  return (
    saved.deviceName === disk.deviceName &&
    saved.sizeBytes === disk.sizeBytes &&
    saved.attachment === disk.device.attachment &&
    saved.writeNumbers.join() === disk.device.writeNumbers.join()
  )
}

async function bootID(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
}

/** Parts, each as its length and its zstd frame: first the head as JSON, then the maps. */
function encode(head: StateHead, maps: readonly Uint8Array[]): Buffer {
  const parts: Buffer[] = []
  for (const part of [Buffer.from(JSON.stringify(head)), ...maps]) {
    const packed = zstdCompressSync(part)
    const length = Buffer.alloc(4)
    length.writeUInt32LE(packed.length)
    parts.push(length, packed)
  }
  return Buffer.concat(parts)
}

function decode(bytes: Buffer): { head: StateHead; maps: Uint8Array[] } {
  const parts: Buffer[] = []
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt32LE(at)
    parts.push(zstdDecompressSync(bytes.subarray(at + 4, at + 4 + length)))
    at += 4 + length
  }
  const [head, ...maps] = parts
  return { head: JSON.parse(String(head)) as StateHead, maps }
}

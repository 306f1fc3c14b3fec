import { errorText, MIB } from '@landfall/model'
import { DATA_BYTES_MAX } from '@landfall/wire'
import { alignedBuffer, type Extent } from '@landfall/block'
import type { TrackedDisk } from '../replication/tracked-disk.ts'

/** Memory for what is still dirty at the moment of a point. */
export const COPY_BYTES_MAX = 64 * MIB
/** Time for copying it: leaves the rest of the freeze for freezing and thawing. */
export const COPY_MS_MAX = 1500
/**
 * Several for each of the eight threads (`landfall-agent.sh`): one that finds its next read waiting
 * need not be woken for it, and reads in half the time and CPU.
 */
const READS_AT_ONCE = 32
/** Passes after which writes beside the frozen filesystems of a disk no longer hold up the thaw. */
const PASSES_BESIDE_FROZEN = 2

/** A dirty extent as it was at the moment of the point: in flight until it is sent or put back. */
export interface Copy {
  readonly disk: TrackedDisk
  readonly extent: Extent
  readonly bytes: Buffer
}

export type Capture =
  | {
      readonly ok: true
      /** To be written in this order; a later pass may overwrite an earlier one. */
      readonly passes: readonly (readonly Copy[])[]
      /** Disks that were still being written, beside what is frozen on them. */
      readonly unquiet: readonly TrackedDisk[]
    }
  | { readonly ok: false; readonly why: string }

export interface CaptureOptions {
  readonly disks: readonly TrackedDisk[]
  /** Disks with a frozen filesystem: what is written on them now is not that filesystem. */
  readonly heldStill: ReadonlySet<TrackedDisk>
  readonly drain: () => { readonly sawWrites: boolean }
  readonly arena: Buffer
}

/** The last extent of each disk may begin a granule that the disk does not fill. */
const SLACK_BYTES = MIB

/** Memory for one capture at a time. What is not used of it is not taken from the system. */
export function captureArena(): Buffer {
  return alignedBuffer(COPY_BYTES_MAX + SLACK_BYTES)
}

/**
 * Copies everything dirty into memory such that replica plus copies are all disks at *one moment*:
 * it copies again until no write completed on any disk while it did. With everything frozen that is
 * one pass; a raw device needs a pause between two writes as long as a short pass. Returns at the
 * moment itself, before anything else can run; on failure all is dirty again.
 */
export async function captureMoment(options: CaptureOptions): Promise<Capture> {
  const startedMs = performance.now()
  const passes: Copy[][] = []
  let usedBytes = 0
  options.drain()
  const fail = (why: string): Capture => {
    for (const { disk, extent } of passes.flat()) disk.putBack(extent)
    return { ok: false, why }
  }
  for (;;) {
    const neededBytes = options.disks.reduce((sum, disk) => sum + disk.map.dirtyBytes, 0)
    if (usedBytes + neededBytes > COPY_BYTES_MAX) {
      const mebibytes = Math.round((usedBytes + neededBytes) / MIB)
      return fail(`${mebibytes} MiB were still to be copied while everything stood still`)
    }
    const pass = takePass(options, usedBytes)
    passes.push(pass)
    usedBytes += neededBytes
    try {
      await readPass(pass)
    } catch (error) {
      return fail(errorText(error))
    }
    if (!options.drain().sawWrites) return { ok: true, passes, unquiet: [] }
    const unquiet = options.disks.filter((disk) => !disk.map.isEmpty)
    const isBesideFrozen = unquiet.every((disk) => options.heldStill.has(disk))
    if (isBesideFrozen && passes.length >= PASSES_BESIDE_FROZEN)
      return { ok: true, passes, unquiet }
    if (performance.now() - startedMs > COPY_MS_MAX) {
      const names = unquiet.map((disk) => disk.deviceName).join(', ')
      return fail(`${names} was written without a pause, or copying took too long`)
    }
  }
}

function takePass(options: CaptureOptions, usedBytes: number): Copy[] {
  const copies: Copy[] = []
  let at = usedBytes
  for (const disk of options.disks) {
    for (const extent of disk.takeAll(DATA_BYTES_MAX)) {
      copies.push({ disk, extent, bytes: options.arena.subarray(at, at + extent.length) })
      // On a page, whatever the disk's last extent is.
      at += Math.ceil(extent.length / disk.map.granuleBytes) * disk.map.granuleBytes
    }
  }
  return copies
}

async function readPass(pass: readonly Copy[]): Promise<void> {
  const queue = pass.values()
  const outcomes = await Promise.allSettled(
    Array.from({ length: READS_AT_ONCE }, async () => {
      for (const { disk, extent, bytes } of queue) await disk.read(extent.offset, bytes)
    }),
  )
  const failed = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

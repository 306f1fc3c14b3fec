import { HASH_RANGE_BYTES } from '@landfall/model'
import { Wakeup } from '../running/wakeup.ts'
import { COMPARISONS_MAX, type RangeComparer } from './range-comparer.ts'
import type { TrackedDisk } from './tracked-disk.ts'

/** Between two looks for something to compare, and after a failure. */
const PAUSE_MS = 500

/**
 * Compares the disks that need it, marking what differs dirty, until the signal is aborted; then
 * returns when no comparison is under way.
 */
export async function rescanDisks(options: {
  readonly disks: readonly TrackedDisk[]
  readonly comparer: RangeComparer
  /** Something became dirty. */
  readonly onDifference: () => void
  readonly signal: AbortSignal
}): Promise<void> {
  const news = new Wakeup()
  const { signal } = options
  await Promise.all(
    Array.from({ length: COMPARISONS_MAX }, async () => {
      while (!signal.aborted) {
        const went = await compareNext(options)
        if (!went) await news.wait({ timeoutMs: PAUSE_MS, signal })
      }
    }),
  )
}

/** False when there was nothing to do, or it failed: try again later. */
async function compareNext(options: Parameters<typeof rescanDisks>[0]): Promise<boolean> {
  const disk = options.disks.find(
    ({ error, phase, sizeBytes }) =>
      error === undefined && phase.kind === 'rescan' && phase.cursor < sizeBytes,
  )
  const range = disk?.takeRescanRange(HASH_RANGE_BYTES)
  if (disk === undefined || range === undefined) return false
  try {
    const isEqual = await options.comparer.isEqual(disk, range)
    disk.compared(range, isEqual)
    if (!isEqual) options.onDifference()
    return true
  } catch {
    // The disk keeps the reason of a failed read; the end of the session aborts the signal.
    disk.notCompared(range)
    return false
  }
}

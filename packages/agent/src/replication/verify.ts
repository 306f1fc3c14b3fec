import { LandfallError, MIB, type VerificationReport } from '@landfall/model'
import { DirtyMap, type Extent } from '@landfall/block'
import { Wakeup } from '../running/wakeup.ts'
import { COMPARISONS_MAX, hashRanges, type RangeComparer } from './range-comparer.ts'
import type { TrackedDisk } from './tracked-disk.ts'

/** A range that is written all the time is given up after so many looks, as changed. */
const LOOKS_MAX = 20
/** Between two looks at a range that is dirty or in flight. */
const LOOK_PAUSE_MS = 250
/** Offsets of differences in the report: the first ones show where to look. */
const DIFFERENT_OFFSETS_MAX = 100

type DiskReport = {
  -readonly [
    Key in keyof VerificationReport['disks'][number]
  ]: VerificationReport['disks'][number][Key]
} & { differentOffsets: number[] }

export interface VerifyOptions {
  readonly disks: readonly TrackedDisk[]
  readonly comparer: RangeComparer
  /** Hears of every write that completed before it returns. */
  readonly drain: () => void
  /** A difference was marked dirty, for the sender to repair. */
  readonly onDifference: () => void
  readonly signal: AbortSignal
  /** Compare with this point; without, with the live replica. */
  readonly point?: {
    readonly pointID: string
    /** What was written since, by disk, in order of their index. */
    readonly changes: ReadonlyMap<TrackedDisk, DirtyMap>
  }
}

/**
 * Compares source and replica by SHA-256, range by range. A range that is dirty or in flight is
 * compared once it has arrived; a quiet range that differs is a defect, reported and marked for
 * repair.
 */
export async function verifyDisks(options: VerifyOptions): Promise<VerificationReport> {
  const disks: DiskReport[] = []
  for (const disk of options.disks) {
    // A disk that was added later is not in the point.
    if (options.point && !options.point.changes.has(disk)) continue
    disks.push(await verifyDisk(disk, options))
  }
  return { disks }
}

async function verifyDisk(disk: TrackedDisk, options: VerifyOptions): Promise<DiskReport> {
  if (disk.error !== undefined) throw new LandfallError('unavailable', disk.error)
  const report: DiskReport = {
    deviceName: disk.deviceName,
    comparedBytes: 0,
    equalBytes: 0,
    changedBytes: 0,
    differentBytes: 0,
    differentOffsets: [],
  }
  // What the disk has grown by since the point is not in it either.
  const { sizeBytes } = options.point?.changes.get(disk) ?? disk
  const written = new DirtyMap(sizeBytes, MIB)
  disk.observers.add(written)
  const ranges = hashRanges(sizeBytes)
  try {
    await Promise.all(
      Array.from({ length: COMPARISONS_MAX }, async () => {
        for (const range of ranges) await verifyRange({ disk, range, written }, options, report)
      }),
    )
  } finally {
    disk.observers.delete(written)
  }
  report.differentOffsets.sort((one, other) => one - other)
  return report
}

interface Subject {
  readonly disk: TrackedDisk
  readonly range: Extent
  /** What was written while verifying. */
  readonly written: DirtyMap
}

async function verifyRange(
  subject: Subject,
  options: VerifyOptions,
  report: DiskReport,
): Promise<void> {
  const { disk, range } = subject
  const finding = await compareRange(subject, options)
  report.comparedBytes += range.length
  if (finding === 'equal') report.equalBytes += range.length
  else if (finding === 'changed') report.changedBytes += range.length
  else {
    report.differentBytes += range.length
    if (report.differentOffsets.length < DIFFERENT_OFFSETS_MAX) {
      report.differentOffsets.push(range.offset)
    }
    disk.map.add(range)
    options.onDifference()
  }
}

async function compareRange(
  { disk, range, written }: Subject,
  options: VerifyOptions,
): Promise<'equal' | 'changed' | 'different'> {
  const { point, comparer, signal, drain } = options
  const changes = point?.changes.get(disk)
  const pause = new Wakeup()
  for (let look = 0; look < LOOKS_MAX; look++) {
    signal.throwIfAborted()
    if (changes?.touches(range)) return 'changed'
    if (point === undefined && disk.isUnsettled(range)) {
      await pause.wait({ timeoutMs: LOOK_PAUSE_MS, signal })
      continue
    }
    written.remove(range)
    if (await comparer.isEqual(disk, range, point?.pointID)) return 'equal'
    drain()
    const isQuiet = !written.touches(range) && !changes?.touches(range)
    if (isQuiet && (point !== undefined || !disk.isUnsettled(range))) return 'different'
  }
  return 'changed'
}

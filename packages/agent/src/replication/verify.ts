import { LandfallError, type VerificationReport } from '@landfall/model'
import type { DirtyMap, Extent } from '@landfall/block'
import { pause } from '../running/wakeup.ts'
import { QuietComparison } from './quiet-comparison.ts'
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
  readonly comparer: Pick<RangeComparer, 'isEqual'>
  /** Hears of every write that completed before it returns. */
  readonly drain: () => void
  /** A quiet range differs: it is to be sent again. */
  readonly onDifference: (disk: TrackedDisk, range: Extent) => void
  readonly signal: AbortSignal
  /** Compare with this point; without, with the live replica. */
  readonly point?: {
    readonly pointID: string
    /** What was written since, by disk, in order of their index. */
    readonly changes: ReadonlyMap<TrackedDisk, DirtyMap>
  }
}

/**
 * Compares source and replica by their hashes, range by range. A range that is dirty or in flight
 * is compared once it has arrived; a quiet range that differs is a defect, reported for
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
  using quiet = new QuietComparison(disk)
  // What the disk has grown by since the point is not in it either.
  const { sizeBytes } = options.point?.changes.get(disk) ?? disk
  const ranges = hashRanges(sizeBytes)
  await Promise.all(
    Array.from({ length: COMPARISONS_MAX }, async () => {
      for (const range of ranges) await verifyRange({ disk, range, quiet }, options, report)
    }),
  )
  report.differentOffsets.sort((one, other) => one - other)
  return report
}

interface Subject {
  readonly disk: TrackedDisk
  readonly range: Extent
  readonly quiet: QuietComparison
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
    options.onDifference(disk, range)
  }
}

async function compareRange(
  { disk, range, quiet }: Subject,
  options: VerifyOptions,
): Promise<'equal' | 'changed' | 'different'> {
  const { comparer, signal, drain, point } = options
  const changes = point?.changes.get(disk)
  const ofPoint = point === undefined ? {} : { point: { pointID: point.pointID, changes } }
  for (let look = 0; look < LOOKS_MAX; look++) {
    if (changes?.touches(range)) return 'changed'
    const found = await quiet.look(range, { comparer, drain, signal, ...ofPoint })
    if (found !== 'unsettled') return found
    await pause(LOOK_PAUSE_MS, signal)
  }
  return 'changed'
}

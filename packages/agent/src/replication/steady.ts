import { LandfallError } from '@landfall/model'
import { until } from '../running/until.ts'
import type { OpenLink } from './link.ts'
import type { RangeComparer } from './range-comparer.ts'
import { RefusedError } from './session.ts'
import type { TrackedDisk } from './tracked-disk.ts'

/** A rescan or a lost connection may come to an end within this. */
const STEADY_MS_MAX = 600_000

const NOT_CONNECTED = 'The agent is not connected to its replication server'

interface ReplicatedDisks {
  readonly disks: readonly TrackedDisk[]
  /** The present session, when there is one. */
  readonly link: () => OpenLink | undefined
}

/** The present session; `unavailable` when there is none. */
export function requireLink({ link }: Pick<ReplicatedDisks, 'link'>): OpenLink {
  const open = link()
  if (open === undefined) throw new LandfallError('unavailable', NOT_CONNECTED)
  return open
}

/**
 * Waits until every replica is whole but for the dirty map: a point and a verification are about
 * that. Throws when a disk fails, is in its initial sync, or the wait takes too long.
 */
export async function untilSteady(replicated: ReplicatedDisks, signal: AbortSignal): Promise<void> {
  for (const disk of replicated.disks) {
    if (disk.phase.kind !== 'initial') continue
    const sentence = `Disk ${disk.deviceName} is still in its initial sync: wait until it is done`
    throw new LandfallError('conflict', sentence)
  }
  await until(signal, STEADY_MS_MAX, () => {
    const failed = replicated.disks.find((disk) => disk.error !== undefined)
    if (failed !== undefined) throw new LandfallError('unavailable', failed.error ?? '')
    if (replicated.link()?.session.hasEnded ?? true) return NOT_CONNECTED
    const disk = replicated.disks.find(({ phase }) => phase.kind !== 'steady')
    return disk === undefined ? undefined : `Disk ${disk.deviceName} is still being rescanned`
  })
}

/** Compares over the present session and, when that ends meanwhile, over the next one. */
export function steadyComparer(
  replicated: ReplicatedDisks,
  signal: AbortSignal,
): Pick<RangeComparer, 'isEqual'> {
  return {
    isEqual: async (disk, range, pointID) => {
      for (;;) {
        await untilSteady(replicated, signal)
        const { session, comparer } = requireLink(replicated)
        try {
          return await comparer.isEqual(disk, range, pointID)
        } catch (error) {
          if (error instanceof RefusedError || !session.hasEnded) throw error
        }
      }
    },
  }
}

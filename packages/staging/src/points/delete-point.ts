import { LandfallError } from '@landfall/model'
import type { StagingArea } from '../volumes/staging-area.ts'

/** A killed storage daemon is back within a second. */
const READY_MS_MAX = 30_000

/**
 * Deletes the point and frees its layers; resolves when that is done. A point that is not there is
 * as good as deleted, and then what earlier deletions left behind is freed.
 */
export async function deletePoint(
  area: StagingArea,
  point: { readonly sourceServerID: string; readonly pointID: string },
): Promise<void> {
  const server = area.find(point.sourceServerID)
  if (server === undefined) return
  const set = await server.ready(AbortSignal.timeout(READY_MS_MAX)).catch((cause: unknown) => {
    throw new LandfallError(
      'unavailable',
      `Point ${point.pointID} cannot be deleted now: the volumes of source server ${point.sourceServerID} are not open. Ask again when they are`,
      { cause },
    )
  })
  await set.deletePoint(point.pointID)
}

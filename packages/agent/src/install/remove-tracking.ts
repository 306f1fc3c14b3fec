import { rm } from 'node:fs/promises'
import { FreezeMarker } from '../points/freeze-marker.ts'
import { Tracker } from '../tracking/tracker.ts'

/**
 * Removes what an agent leaves outside of its install directory when it could not do it itself
 * (killed, or stopped long ago): filesystems still frozen, the kernel's recording, the state.
 */
export async function removeTracking(options: {
  sourceServerID: string
  stateDir: string
}): Promise<void> {
  const { sourceServerID, stateDir } = options
  await new FreezeMarker(stateDir).thawLeftOver()
  // The replicator's name for its recording.
  await Tracker.remove(`landfall-${sourceServerID}`)
  await rm(stateDir, { recursive: true, force: true })
}

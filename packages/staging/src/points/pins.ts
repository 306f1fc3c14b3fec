import { LandfallError, type PointDisk } from '@landfall/model'
import { nextMerge, passesThrough } from '../volumes/merges.ts'
import type { StagingArea } from '../volumes/staging-area.ts'
import { describePoint, withoutPin, withPin } from './points.ts'

/** A merge makes way at once; one that a killed storage daemon left is undone within a second. */
const TURN_MS_MAX = 60_000

/** Keeps the point's layers until the pin is taken away; gives where they are. */
export async function pinPoint(
  area: StagingArea,
  pin: { readonly sourceServerID: string; readonly pointID: string; readonly pinID: string },
): Promise<readonly PointDisk[]> {
  const { store, turn } = area.get(pin.sourceServerID)
  const { pointID, pinID } = pin
  const signal = AbortSignal.timeout(TURN_MS_MAX)
  try {
    await turn.aside(() => store.update((record) => withPin(record, pointID, pinID)), {
      conflicts: ({ top }) => passesThrough(store.current, pointID, top),
      signal,
    })
  } catch (cause) {
    if (cause !== signal.reason) throw cause
    throw new LandfallError(
      'unavailable',
      `Point ${pointID} cannot be used yet: a merge below it was broken off, and the volumes of source server ${pin.sourceServerID} have not been opened again since. Look into the storage daemon's messages, then ask again`,
      { cause },
    )
  }
  return (await describePoint(store, pointID)).disks
}

/**
 * Whichever server the pin belongs to; one that is not there is as good as taken away. Merges that
 * had to wait for it go on.
 */
export async function unpinPoint(area: StagingArea, pinID: string): Promise<void> {
  for (const server of area.servers()) {
    const { store } = server
    if (!store.current.pins.some((pin) => pin.pinID === pinID)) continue
    await store.update((record) => withoutPin(record, pinID))
    if (nextMerge(store.current) !== undefined) server.mergeLayers()
  }
}

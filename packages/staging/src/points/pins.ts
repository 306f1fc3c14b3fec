import type { PointDisk } from '@landfall/model'
import type { StagingArea } from '../volumes/staging-area.ts'
import { describePoint, findPoint, withoutPin, withPin } from './points.ts'

/** Keeps the point's layers until the pin is taken away; gives where they are. */
export async function pinPoint(
  area: StagingArea,
  pin: { readonly sourceServerID: string; readonly pointID: string; readonly pinID: string },
): Promise<readonly PointDisk[]> {
  const { store } = area.get(pin.sourceServerID)
  await store.update((record) => withPin(record, pin.pointID, pin.pinID))
  const point = await describePoint(store, findPoint(store.current, pin.pointID))
  return point.disks
}

/** Whichever server the pin belongs to; one that is not there is as good as taken away. */
export async function unpinPoint(area: StagingArea, pinID: string): Promise<void> {
  for (const { store } of area.servers()) {
    const holds = store.current.pins.some((pin) => pin.pinID === pinID)
    if (holds) await store.update((record) => withoutPin(record, pinID))
  }
}

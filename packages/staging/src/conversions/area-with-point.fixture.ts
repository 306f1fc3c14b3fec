import type { TestContext } from 'node:test'
import { newId } from '@landfall/model'
import { somePoint } from '../volumes/staging-volume.contract.ts'
import { openTestArea } from '../volumes/test-area.ts'

const DISK_BYTES = 4 * 1024 * 1024

/** A staging area with one server of one disk, of which there is a real point. */
export async function areaWithPoint(t: TestContext) {
  const { area, folder } = await openTestArea(t)
  const sourceServerID = newId('sourceServer')
  await area.createVolumes(sourceServerID, [{ deviceName: '/dev/sda', sizeBytes: DISK_BYTES }])
  const server = area.get(sourceServerID)
  const set = await server.ready(AbortSignal.timeout(10_000))
  const { pointID } = await set.createPoint(somePoint())
  const pins = (): string[] => server.record.pins.map((pin) => pin.pinID)
  return { area, folder, sourceServerID, pointID, pins }
}

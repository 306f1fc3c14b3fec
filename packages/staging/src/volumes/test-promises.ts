import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { newId } from '@landfall/model'
import type { QemuVolumeSet } from './qemu-volumes.ts'
import type { ServerStorage } from './server-storage.ts'
import type { VolumeReader } from './staging-volume.ts'
import type { TestArea } from './test-area.ts'
import { bytesOf } from './test-read.ts'

/** A source server of two small disks, of slots that hold a number each; and what was promised. */
const MIB = 1024 * 1024
export const SLOT_BYTES = 4096
export const DISK_BYTES = 16 * MIB
export const DISKS = [
  { deviceName: '/dev/sda', sizeBytes: DISK_BYTES },
  { deviceName: '/dev/sdb', sizeBytes: DISK_BYTES },
]
export const SLOTS = DISK_BYTES / SLOT_BYTES

export async function openServer(test: TestArea): Promise<ServerStorage> {
  const id = newId('sourceServer')
  await test.area.createVolumes(id, DISKS)
  return test.area.get(id)
}

export async function ready(server: ServerStorage): Promise<QemuVolumeSet> {
  return await server.ready(AbortSignal.timeout(20_000))
}

export async function daemonPid(test: TestArea, server: ServerStorage): Promise<number> {
  const { sourceServerID } = server.record
  return Number(await readFile(join(test.folder, 'run', sourceServerID, 'daemon.pid'), 'utf8'))
}

/** What is promised to be there: per disk and slot the lowest number it may hold. */
export interface Promised {
  readonly slots: Uint32Array[]
  readonly points: Map<string, Uint32Array[]>
  next: number
}

async function numbers(reader: VolumeReader): Promise<Uint32Array> {
  const data = await bytesOf(reader, 0, DISK_BYTES)
  return Uint32Array.from({ length: SLOTS }, (_, slot) => data.readUInt32BE(slot * SLOT_BYTES))
}

/** The chain that other programs see, who read headers, is the record's. */
export async function assertHeaders({ store }: ServerStorage): Promise<void> {
  for (const { layers } of store.current.volumes) {
    for (const [position, layer] of layers.entries()) {
      const data = await readFile(store.pathOf(layer))
      const offset = Number(data.readBigUInt64BE(8))
      const backing = data.toString('utf8', offset, offset + data.readUInt32BE(16))
      const below = layers[position - 1]
      assert.equal(backing, below === undefined ? '' : store.pathOf(below))
    }
  }
}

export async function assertKept(set: QemuVolumeSet, promised: Promised): Promise<void> {
  for (const disk of [0, 1]) {
    const found = await numbers(set.volume(disk))
    // A write that was not flushed may be there as well: then the number is higher.
    const lost = promised.slots[disk]?.findIndex((number, slot) => (found[slot] ?? 0) < number)
    assert.equal(lost, -1, `disk ${disk} lost a flushed write`)
    promised.slots[disk] = found
  }
  for (const [pointID, content] of promised.points) {
    for (const disk of [0, 1]) {
      await using reader = await set.openPoint(pointID, disk)
      const found = await numbers(reader)
      assert.deepEqual(found, content[disk], `point ${pointID} of disk ${disk}`)
    }
  }
}

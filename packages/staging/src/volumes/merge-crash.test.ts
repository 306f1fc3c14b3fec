import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { deletePoint } from '../points/delete-point.ts'
import { StorageDaemon } from '../storage-daemon/storage-daemon.ts'
import type { QemuVolumeSet } from './qemu-volumes.ts'
import { somePoint } from './staging-volume.contract.ts'
import { openTestArea } from './test-area.ts'
import {
  assertHeaders,
  assertKept,
  daemonPid,
  DISK_BYTES,
  openServer,
  ready,
  SLOT_BYTES,
  SLOTS,
  type Promised,
} from './test-promises.ts'
import { bytesOf } from './test-read.ts'

const MIB = 1024 * 1024
const KILLS = 10
const DEADLINE = { timeout: 120_000 }

/** An extent of slots with one number each: large layers make merges that last. */
const EXTENT_BYTES = 512 * 1024
const EXTENT_SLOTS = EXTENT_BYTES / SLOT_BYTES

/** Writes rising numbers to random extents, flushes, and takes points, until it fails. */
async function load(set: QemuVolumeSet, promised: Promised): Promise<never> {
  for (let round = 1; ; round++) {
    const written = [0, 1].flatMap((disk) =>
      Array.from({ length: 6 }, () => ({
        disk,
        first: Math.floor(Math.random() * (DISK_BYTES / EXTENT_BYTES)) * EXTENT_SLOTS,
        number: promised.next++,
      })),
    )
    for (const { disk, first, number } of written) {
      const data = Buffer.alloc(EXTENT_BYTES)
      for (let slot = 0; slot < EXTENT_SLOTS; slot++) data.writeUInt32BE(number, slot * SLOT_BYTES)
      await set.volume(disk).write(first * SLOT_BYTES, data)
    }
    await set.flush()
    for (const { disk, first, number } of written) {
      promised.slots[disk]?.fill(number, first, first + EXTENT_SLOTS)
    }
    if (round % 2 !== 0) continue
    const content = promised.slots.map((slots) => slots.slice())
    const { pointID } = await set.createPoint(somePoint())
    promised.points.set(pointID, content)
  }
}

test(
  'ten kills of the daemon while it merges lose no flushed write and no point',
  DEADLINE,
  async (t) => {
    const test = await openTestArea(t)
    const server = await openServer(test)
    const { sourceServerID } = server.record
    const slots = [new Uint32Array(SLOTS), new Uint32Array(SLOTS)]
    const promised: Promised = { slots, points: new Map(), next: 1 }
    let hits = 0
    for (let kill = 0; kill < KILLS; kill++) {
      const set = await ready(server)
      const pid = await daemonPid(test, server)
      const loading = assert.rejects(load(set, promised))
      while (promised.points.size < 4) await sleep(5)
      const [chosen = ''] = [...promised.points.keys()].slice(Math.floor(Math.random() * 3))
      promised.points.delete(chosen)
      // It may have been fast enough.
      const deleting = deletePoint(test.area, { sourceServerID, pointID: chosen }).catch(() => {})
      while (server.record.merge === null) await sleep(1)
      await sleep(Math.random() * 250)
      if (server.record.merge !== null) hits++
      process.kill(pid, 'SIGKILL')
      await loading
      await set.lost
      await deleting
      await assertKept(await ready(server), promised)
      // And once more when the merge has been done again.
      await (await ready(server)).mergeLayers()
      await assertKept(await ready(server), promised)
      await assertHeaders(server)
      const { volumes, points } = server.record
      for (const { layers } of volumes) assert.equal(layers.length, points.length + 1)
    }
    t.diagnostic(`${hits} of ${KILLS} kills met a merge`)
    assert.ok(hits > 0, 'a kill met a merge')
  },
)

/** Reopen, add, commit; finalize, dismiss, delete, reopen, delete twice. */
const COMMANDS_PER_MERGE = 9

test('a daemon killed at any command of a merge loses no point', DEADLINE, async (t) => {
  const test = await openTestArea(t)
  const server = await openServer(test)
  const { sourceServerID } = server.record
  let commandsLeft = Infinity
  const execute = Reflect.get(StorageDaemon.prototype, 'execute') as Execute
  t.mock.method(
    StorageDaemon.prototype,
    'execute',
    function (this: StorageDaemon, ...args: Command) {
      if (args[0] !== 'query-jobs' && --commandsLeft === 0) this.kill()
      return execute.apply(this, args)
    },
  )
  for (let killAt = 1; killAt <= COMMANDS_PER_MERGE + 1; killAt++) {
    const set = await ready(server)
    const points: string[] = []
    for (const value of [1, 2, 3]) {
      for (const disk of [0, 1])
        await set.volume(disk).write(value * MIB, Buffer.alloc(MIB, killAt))
      points.push((await set.createPoint(somePoint())).pointID)
    }
    const [first = '', second = '', third = ''] = points
    commandsLeft = killAt
    const deleted = deletePoint(test.area, { sourceServerID, pointID: first })
    await assert.rejects(deleted, { kind: 'lost' })
    await set.lost
    commandsLeft = Infinity
    const reopened = await ready(server)
    await reopened.mergeLayers()
    await assertHeaders(server)
    for (const disk of [0, 1]) {
      for (const [pointID, end] of [
        [second, 2],
        [third, 3],
      ] as const) {
        await using reader = await reopened.openPoint(pointID, disk)
        for (const value of [1, 2, 3]) {
          const [found] = await bytesOf(reader, value * MIB, 1)
          assert.equal(found, value <= end ? killAt : killAt - 1, `killed at ${killAt}`)
        }
      }
    }
    const { volumes, points: kept } = server.record
    for (const { layers } of volumes) assert.equal(layers.length, kept.length + 1)
  }
})

type Command = Parameters<StorageDaemon['execute']>
type Execute = (this: StorageDaemon, ...args: Command) => Promise<unknown>

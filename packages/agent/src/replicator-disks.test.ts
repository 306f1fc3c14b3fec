import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  constants,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { alignedBuffer, DirectDisk } from '@landfall/block'
import { MIB } from '@landfall/model'
import { FioLoad, LoopDisk } from './replication/loop-disk.ts'
import { PointChanges } from './points/point-changes.ts'
import { Proof } from './replication/proof.ts'
import { StateFile } from './replication/state-file.ts'
import { TrackedDisk } from './replication/tracked-disk.ts'
import { Setup, until, untilState } from './replicator-setup.fixture.ts'
import { Tracker } from './tracking/tracker.ts'

const { signal } = new AbortController()

/** Writes one logical block past the page cache, as a database does. */
async function writeBlock(disk: LoopDisk, offset: number, block: Buffer): Promise<void> {
  const target = alignedBuffer(block.length)
  block.copy(target)
  const file = await open(disk.device, constants.O_WRONLY | constants.O_DIRECT)
  await file.write(target, 0, target.length, offset)
  await file.close()
}

for (const { what, sectorBytes, sizeBytes } of [
  { what: '4Kn', sectorBytes: 4096, sizeBytes: 64 * MIB + 4096 },
  // What Linux sees of a 512e disk; its size need not be whole granules.
  { what: '512-byte', sectorBytes: 512, sizeBytes: 64 * MIB + 512 },
]) {
  test(`a disk of ${what} sectors is replicated to its last sector, under load and at rest`, async () => {
    await using setup = await Setup.make({ disks: 1, sizeBytes, sectorBytes })
    const disk = setup.disks[0]!
    const logical = execFileSync('blockdev', ['--getss', disk.device]).toString().trim()
    assert.equal(Number(logical), sectorBytes)
    const last = randomBytes(sectorBytes)
    await writeBlock(disk, sizeBytes - sectorBytes, last)
    const replicator = await setup.start()
    {
      await using _load = new FioLoad(disk.mountPoint, { sizeMib: 16, rateIops: 1000 })
      await untilState(replicator, 'CONTINUOUS')
      const again = randomBytes(sectorBytes)
      await writeBlock(disk, sizeBytes - sectorBytes, again)
      await until(() => setup.server.volume(disk.device).subarray(-sectorBytes).equals(again))
    }
    await setup.assertIdentical(replicator)
    await replicator.createPoint('point-sectors', signal)
    const point = setup.server.points.get('point-sectors')?.disks.get(disk.device)
    assert.equal(point?.length, sizeBytes)
    const report = await replicator.verify({ signal })
    assert.equal(report.disks[0]?.differentBytes, 0)
    assert.equal(report.disks[0]?.equalBytes, sizeBytes)
  })

  test(`what was written to a disk of ${what} sectors while the agent was down is compared`, async () => {
    await using setup = await Setup.make({ disks: 1, sizeBytes, sectorBytes, ext4: false })
    const disk = setup.disks[0]!
    const first = await setup.start()
    await untilState(first, 'CONTINUOUS')
    await first.dispose()
    await writeBlock(disk, sizeBytes - sectorBytes, randomBytes(sectorBytes))
    const second = await setup.start()
    await untilState(second, 'CONTINUOUS')
    await setup.assertIdentical(second)
  })
}

function hashedSince(setup: Setup, position: number): number {
  return setup.server.received.slice(position).filter(({ type }) => type === 'hash').length
}

for (const { when, sizeBytes, grownBytes } of [
  { when: 'at rest', sizeBytes: 64 * MIB, grownBytes: 80 * MIB },
  // Its last granule was not whole, and is filled by the growth.
  { when: 'by odd sectors', sizeBytes: 64 * MIB + 512, grownBytes: 66 * MIB + 1536 },
]) {
  test(`a disk that grows ${when} is replicated whole: only the new space is read`, async () => {
    await using setup = await Setup.make({ disks: 2, sizeBytes })
    const [disk, other] = setup.disks as [LoopDisk, LoopDisk]
    const replicator = await setup.start()
    await untilState(replicator, 'CONTINUOUS')
    await replicator.createPoint('point-before', signal)
    const { readBytes } = replicator.progress()
    const position = setup.server.received.length
    {
      await using _load = new FioLoad(disk.mountPoint, { sizeMib: 8, rateIops: 200 })
      disk.resize(grownBytes, { fill: true })
      await until(() => replicator.progress().disks[0]?.totalStorageBytes === grownBytes)
      await untilState(replicator, 'CONTINUOUS')
    }
    await writeBlock(disk, grownBytes - 512, randomBytes(512))
    await setup.assertIdentical(replicator)
    assert.equal(hashedSince(setup, position), 0)
    assert.ok(replicator.progress().readBytes - readBytes < 2 * (grownBytes - sizeBytes) + 32 * MIB)
    assert.deepEqual(
      replicator.progress().disks.map((progress) => progress.replicatedStorageBytes),
      [grownBytes, sizeBytes],
    )
    await replicator.createPoint('point-after', signal)
    const sizeIn = (pointID: string, { device }: LoopDisk) =>
      setup.server.points.get(pointID)?.disks.get(device)?.length
    assert.equal(sizeIn('point-before', disk), sizeBytes)
    assert.equal(sizeIn('point-after', disk), grownBytes)
    assert.equal(sizeIn('point-after', other), sizeBytes)
    for (const pointID of ['point-before', 'point-after']) {
      const report = await replicator.verify({ pointID, signal })
      assert.equal(report.disks[0]?.differentBytes, 0)
    }
  })
}

test('a disk that grows in its initial sync, or while the agent is down, is replicated whole', async () => {
  await using setup = await Setup.make({ disks: 1, ext4: false })
  const disk = setup.disks[0]!
  setup.server.refusal = { code: 'no_space', message: 'full' }
  disk.resize(65 * MIB, { fill: true })
  const first = await setup.start()
  await untilState(first, 'STALLED')
  disk.resize(66 * MIB, { fill: true })
  await until(() => first.progress().disks[0]?.totalStorageBytes === 66 * MIB)
  setup.server.refusal = undefined
  await untilState(first, 'CONTINUOUS')
  await setup.assertIdentical(first)
  await first.stop()
  disk.resize(67 * MIB, { fill: true })
  const second = await setup.start()
  await untilState(second, 'CONTINUOUS')
  await setup.assertIdentical(second)
})

test('a disk that shrinks stalls with the remedy, and is compared when it has its size back', async () => {
  await using setup = await Setup.make({ disks: 2, ext4: false })
  const [disk, other] = setup.disks as [LoopDisk, LoopDisk]
  await writeBlock(disk, 60 * MIB, randomBytes(4096))
  const replicator = await setup.start()
  await untilState(replicator, 'CONTINUOUS')
  disk.resize(32 * MIB)
  await untilState(replicator, 'STALLED')
  const { error, disks } = replicator.progress()
  assert.match(error?.rawError ?? '', /has shrunk from 67108864 to 33554432 bytes: .*installer/)
  assert.equal(disks[0]?.totalStorageBytes, 64 * MIB)
  const block = randomBytes(4096)
  await writeBlock(other, MIB, block)
  await until(() =>
    setup.server
      .volume(other.device)
      .subarray(MIB, MIB + 4096)
      .equals(block),
  )
  disk.resize(64 * MIB)
  await untilState(replicator, 'CONTINUOUS')
  await setup.assertIdentical(replicator)
})

test('a disk that is removed is named with the remedy though nothing reads it; the others go on', async () => {
  await using setup = await Setup.make({ disks: 2, ext4: false })
  const [disk, other] = setup.disks as [LoopDisk, LoopDisk]
  // A loop device in use cannot go; its name can.
  const name = path.join(setup.stateDir, 'disk')
  symlinkSync(disk.device, name)
  const replicator = await setup.start({ disks: [name, other.device] })
  await untilState(replicator, 'CONTINUOUS')
  rmSync(name)
  await untilState(replicator, 'STALLED')
  assert.match(replicator.progress().error?.rawError ?? '', /was removed .*--devices/)
  await assert.rejects(replicator.createPoint('point-removed', signal), /--devices/)
  const block = randomBytes(4096)
  await writeBlock(other, MIB, block)
  await until(() =>
    setup.server
      .volume(other.device)
      .subarray(MIB, MIB + 4096)
      .equals(block),
  )
  symlinkSync(disk.device, name)
  await untilState(replicator, 'CONTINUOUS')
})

/** sysfs for a multipath device with these paths, as far as the agent looks at it. */
class FakeMultipath {
  readonly sys: string
  readonly #device: string

  constructor(t: TestContext, device: LoopDisk, paths: readonly LoopDisk[]) {
    this.sys = mkdtempSync('/tmp/landfall-multipath-')
    t.after(() => rmSync(this.sys, { recursive: true }))
    this.#device = this.#folderOf(device)
    mkdirSync(path.join(this.#device, 'dm'), { recursive: true })
    mkdirSync(path.join(this.#device, 'slaves'))
    writeFileSync(path.join(this.#device, 'dm/uuid'), 'mpath-3600')
    for (const one of paths) this.add(one)
  }

  add(disk: LoopDisk): void {
    const folder = this.#folderOf(disk)
    mkdirSync(folder, { recursive: true })
    const { rdev } = statSync(disk.device)
    writeFileSync(path.join(folder, 'dev'), `${Math.floor(rdev / 256)}:${rdev % 256}`)
    mkdirSync(path.join(this.#device, 'slaves', path.basename(disk.device)))
  }

  #folderOf(disk: LoopDisk): string {
    return path.join(this.sys, 'class/block', path.basename(disk.device))
  }
}

test('writes that reach a multipath disk by any path, also a later one, are its writes', async (t) => {
  await using setup = await Setup.make({ disks: 1, ext4: false })
  const disk = setup.disks[0]!
  // Loop devices over one file are to it what paths are to a LUN.
  await using one = new LoopDisk(disk)
  await using two = new LoopDisk(disk)
  await using later = new LoopDisk(disk)
  const multipath = new FakeMultipath(t, disk, [one, two])
  const replicator = await setup.start({ sys: multipath.sys })
  await untilState(replicator, 'CONTINUOUS')
  const arrives = async (by: LoopDisk, offset: number): Promise<void> => {
    const block = randomBytes(4096)
    await writeBlock(by, offset, block)
    const replica = setup.server.volume(disk.device)
    await until(() => replica.subarray(offset, offset + 4096).equals(block))
  }
  await arrives(one, MIB)
  await arrives(two, 2 * MIB)
  await writeBlock(later, 3 * MIB, randomBytes(4096))
  multipath.add(later)
  await until(() => setup.log.some((line) => line.includes('other paths')))
  await untilState(replicator, 'CONTINUOUS')
  await arrives(later, 4 * MIB)
  await setup.assertIdentical(replicator)
})

test('a disk that is added begins its initial sync, and the others go on without a rescan', async () => {
  await using setup = await Setup.make({ disks: 1 })
  const first = await setup.start()
  await untilState(first, 'CONTINUOUS')
  await first.createPoint('point-before', signal)
  await first.stop()
  const old = setup.disks[0]!
  writeFileSync(path.join(old.mountPoint, 'file'), randomBytes(MIB), { flush: true })
  const added = setup.stack.use(new LoopDisk(8 * MIB))
  added.mountExt4()
  setup.disks.unshift(added)
  const second = await setup.start()
  await untilState(second, 'CONTINUOUS')
  await setup.assertIdentical(second)
  assert.equal(hashedSince(setup, 0), 0)
  await second.createPoint('point-after', signal)
  assert.equal(setup.server.points.get('point-after')?.disks.size, 2)
  const before = await second.verify({ pointID: 'point-before', signal })
  assert.deepEqual(
    before.disks.map(({ deviceName, differentBytes }) => ({ deviceName, differentBytes })),
    [{ deviceName: old.device, differentBytes: 0 }],
  )
})

test('a disk that is left out from now on takes nothing from the others', async () => {
  await using setup = await Setup.make({ disks: 2 })
  const first = await setup.start()
  await untilState(first, 'CONTINUOUS')
  await first.stop()
  const [kept] = setup.disks as [LoopDisk, LoopDisk]
  writeFileSync(path.join(kept.mountPoint, 'file'), randomBytes(MIB), { flush: true })
  setup.disks.pop()
  const second = await setup.start()
  await untilState(second, 'CONTINUOUS')
  await setup.assertIdentical(second)
  assert.equal(hashedSince(setup, 0), 0)
})

/** Leaves what an agent leaves that has completed the disk's initial sync and ended cleanly. */
async function saveAsSynced(setup: Setup, { device }: LoopDisk): Promise<void> {
  const { sourceServerID, stateDir } = setup.options()
  await using tracked = await TrackedDisk.open(device, 0)
  const changes = new PointChanges()
  const proof = new Proof({
    disks: [tracked],
    bytesPerSecond: 0,
    comparer: () => undefined,
    drain: () => undefined,
    wake: () => undefined,
    log: () => undefined,
  })
  const tracker = await Tracker.start({
    name: `landfall-${sourceServerID}`,
    deviceNumbers: tracked.device.writeNumbers,
    onWrite: () => undefined,
    onLost: () => undefined,
    onProgress: () => undefined,
  })
  await new StateFile(stateDir).save([tracked], { changes, proof }, await tracker.release())
}

// To read 16 TiB takes hours, so that the initial sync is taken for done; of what follows nothing
// is. An ext4 file is at most a block smaller than 16 TiB.
test('a disk of 16 TiB is tracked and replicated at its far end, also after a clean restart', async () => {
  const sizeBytes = 16 * MIB ** 2 - 4096
  // From the beginning of a block of its map on.
  const keptBytes = 64 * MIB - 4096
  await using setup = await Setup.make({ disks: 1, sizeBytes, ext4: false })
  const disk = setup.disks[0]!
  await saveAsSynced(setup, disk)
  setup.server.keepEnd(disk.device, sizeBytes, keptBytes)
  const end = async (): Promise<Buffer> => {
    await using reader = await DirectDisk.open(disk.device)
    const bytes = alignedBuffer(keptBytes)
    await reader.read(sizeBytes - keptBytes, bytes)
    return bytes
  }
  const first = await setup.start()
  await untilState(first, 'CONTINUOUS')
  await writeBlock(disk, sizeBytes - 4096, randomBytes(4096))
  await writeBlock(disk, sizeBytes - keptBytes, randomBytes(MIB))
  const expected = await end()
  await until(() => expected.equals(setup.server.volume(disk.device)))
  await first.createPoint('point-end', signal)
  await writeBlock(disk, sizeBytes - 8192, randomBytes(4096))
  await first.stop()
  await writeBlock(disk, sizeBytes - 20_480, randomBytes(4096))
  const second = await setup.start()
  const last = await end()
  await until(() => last.equals(setup.server.volume(disk.device)))
  assert.ok(setup.server.points.get('point-end')?.disks.get(disk.device)?.equals(expected))
  assert.ok(!setup.server.received.some(({ type }) => type === 'hash'))
  assert.equal(second.progress().disks[0]?.replicatedStorageBytes, sizeBytes)
})

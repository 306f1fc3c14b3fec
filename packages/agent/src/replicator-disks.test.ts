import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { test } from 'node:test'
import { alignedBuffer } from '@landfall/block'
import { MIB } from '@landfall/model'
import { FioLoad, type LoopDisk } from './replication/loop-disk.ts'
import { Setup, until, untilState } from './replicator-setup.fixture.ts'

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

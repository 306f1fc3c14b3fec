import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { alignedBuffer } from './aligned-buffer.ts'
import { DirectDisk } from './direct-disk.ts'

function loopDevice(t: TestContext, content: Buffer): { device: string; file: string } {
  assert.equal(process.getuid?.(), 0, 'this test makes loop devices: run it as root')
  // Not /tmp, which may be a tmpfs without O_DIRECT.
  const folder = mkdtempSync('/var/tmp/landfall-disk-')
  const file = path.join(folder, 'disk.img')
  writeFileSync(file, content)
  const device = execFileSync('losetup', ['-f', '--show', '--direct-io=on', file]).toString().trim()
  t.after(() => {
    execFileSync('losetup', ['-d', device])
    rmSync(folder, { recursive: true })
  })
  return { device, file }
}

test('reads the disk as it is, past the page cache', async (t) => {
  const content = randomBytes(2 * 1024 * 1024 + 512)
  const { device } = loopDevice(t, content)
  await using disk = await DirectDisk.open(device)
  assert.equal(disk.sizeBytes, content.length)
  assert.equal(disk.deviceNumber >>> 20, 7)
  const bytes = alignedBuffer(4096 + 512)
  await disk.read(content.length - 4608, bytes)
  assert.ok(bytes.equals(content.subarray(-4608)))
})

test('a disk that shrank is an error, not a short read', async (t) => {
  const { device, file } = loopDevice(t, randomBytes(2 * 1024 * 1024))
  await using disk = await DirectDisk.open(device)
  truncateSync(file, 1024 * 1024)
  execFileSync('losetup', ['-c', device])
  const reading = disk.read(1024 * 1024, alignedBuffer(4096))
  await assert.rejects(reading, (error: Error) => error.message.includes(device))
})

test('disks that cannot be replicated are refused by name', async (t) => {
  const { device } = loopDevice(t, Buffer.alloc(1024 * 1024 - 512))
  await assert.rejects(DirectDisk.open(device), /under 1 MiB/)
  await assert.rejects(DirectDisk.open('/dev/no-such-disk'), /\/dev\/no-such-disk is not there/)
  await assert.rejects(DirectDisk.open('/dev/null'), /not a whole disk/)
})

import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { ramdisk, VERSION } from '../facts/guest.fixture.ts'
import { readInitramfs } from '../initramfs/read-initramfs.ts'
import { MemoryGuest } from '../memory-guest.ts'
import { RunningGuest } from '../running-guest.ts'
import { kernelImage, peFile, unifiedImage } from './unified-image.fixture.ts'
import { readUnifiedImage } from './unified-image.ts'

const PATH = '/efi/EFI/Linux/debian.efi'

const PARTS = {
  version: VERSION,
  commandLine: 'root=UUID=1 quiet',
  initramfs: ramdisk(['virtio_blk']),
}

function read(file: string | Buffer) {
  const guest = new MemoryGuest({ [PATH]: file.toString('latin1') })
  return readUnifiedImage(guest, PATH)
}

test('a unified image tells its kernel, command line, system and initial ramdisk', async () => {
  const file = unifiedImage(PARTS)
  assert.deepEqual(await read(file), {
    kernelVersion: VERSION,
    commandLine: PARTS.commandLine,
    osRelease: 'ID=debian\nVERSION_ID="12"',
    initramfsBytes: PARTS.initramfs.length,
  })
  const contents = await readInitramfs(new MemoryGuest({ [PATH]: file }), PATH)
  assert.deepEqual(contents, { kind: 'read', modules: ['virtio_blk'] })
})

test('the one of a system that runs is read like that of a disk', async (t) => {
  const root = await mkdtemp('/tmp/landfall-unified-')
  t.after(() => rm(root, { recursive: true }))
  const file = unifiedImage(PARTS)
  await writeFile(join(root, 'image.efi'), Buffer.from(file, 'latin1'))
  const guest = new RunningGuest(root)
  assert.deepEqual(await readUnifiedImage(guest, '/image.efi'), await read(file))
  const contents = await readInitramfs(guest, '/image.efi')
  assert.deepEqual(contents, { kind: 'read', modules: ['virtio_blk'] })
})

test('a version that no section says is that of the kernel in it', async () => {
  const image = await read(peFile({ '.linux': kernelImage('6.12.1-arch1-1') }))
  assert.deepEqual(image, { kernelVersion: '6.12.1-arch1-1', commandLine: '', osRelease: '' })
})

test('other programs and other files are no unified images', async () => {
  assert.equal(await read(peFile({ '.text': 'a boot loader' })), undefined)
  assert.equal(await read('MZ'), undefined)
  assert.equal(await read(''), undefined)
  assert.equal(await readUnifiedImage(new MemoryGuest({}), PATH), undefined)
})

/** With two bytes of the PE header, which begins at 0x80, changed. */
function changed(at: number, value: number): Buffer {
  const file = Buffer.from(unifiedImage(PARTS), 'latin1')
  file.writeUInt16LE(value, at)
  return file
}

test('what is broken is said, and nothing outside of the file is looked for', async () => {
  await assert.rejects(read(changed(0x3c, 0x200)), /has no header of one/)
  await assert.rejects(read(changed(0x3c, 0xffff)), /has no header of one/)
  await assert.rejects(read(changed(0x80 + 6, 0xffff)), /table of 65535 PE sections/)
  await assert.rejects(read(changed(0x80 + 20, 0xffff)), /table of 6 PE sections is cut off/)
  const whole = Buffer.from(unifiedImage(PARTS), 'latin1')
  await assert.rejects(read(whole.subarray(0, -512)), /section "\.linux" is beyond its end/)
  const long = peFile({ '.linux': '', '.cmdline': 'x'.repeat(65_537) })
  await assert.rejects(read(long), /\.cmdline has 65537 bytes, and may have 65536/)
})

test('an initial ramdisk that a PE file has not is told, and taken for none', async () => {
  for (const file of [peFile({ '.linux': 'x' }), peFile({ '.linux': 'x', '.initrd': '' })]) {
    const contents = await readInitramfs(new MemoryGuest({ [PATH]: file.toString('latin1') }), PATH)
    assert.ok(contents.kind === 'unread')
    assert.match(contents.why, /debian\.efi cannot be read: .*without an initial ramdisk/)
  }
})

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { MemoryGuest } from '../memory-guest.ts'
import { RunningGuest } from '../running-guest.ts'
import { cpio, modules } from './cpio.fixture.ts'
import { readInitramfs } from './read-initramfs.ts'

const MICROCODE = cpio({ 'kernel/x86/microcode/GenuineIntel.bin': 'microcode' })
const MAIN = cpio({
  init: '#!/bin/sh\n',
  ...modules(['virtio-blk.ko', 'virtio_pci.ko.xz', 'ext4.ko.zst', 'notes.ko.txt']),
})
const EXPECTED = ['ext4', 'virtio_blk', 'virtio_pci']

async function contentsOf(bytes: Buffer) {
  const guest = new MemoryGuest({ '/boot/initrd': bytes.toString('latin1') })
  return await readInitramfs(guest, '/boot/initrd')
}

function packedBy(program: string, ...args: string[]): Buffer {
  return execFileSync(program, [...args, '-c'], { input: MAIN, stdio: ['pipe', 'pipe', 'ignore'] })
}

const PACKED: Readonly<Record<string, Buffer>> = {
  plain: MAIN,
  gzip: gzipSync(MAIN),
  zstd: zstdCompressSync(MAIN),
  xz: packedBy('xz', '--check=crc32'),
  lzma: packedBy('xz', '--format=lzma'),
  lz4: packedBy('lz4', '-l'),
  bzip2: packedBy('bzip2'),
  lzo: packedBy('lzop'),
}

for (const [name, packed] of Object.entries(PACKED)) {
  test(`modules are found behind microcode in a ramdisk packed by ${name}`, async () => {
    const padding = Buffer.alloc(16)
    for (const bytes of [packed, Buffer.concat([MICROCODE, packed, padding])]) {
      assert.deepEqual(await contentsOf(bytes), { kind: 'read', modules: EXPECTED })
    }
  })

  test(`a ramdisk packed by ${name} and cut off is not taken for read`, async () => {
    const contents = await contentsOf(packed.subarray(0, packed.length / 2))
    assert.equal(contents.kind, 'unread')
  })
}

test('modules in several archives that are not packed count, as newer Ubuntus have them', async () => {
  const first = cpio(modules(['virtio_net.ko.zst']))
  const contents = await contentsOf(Buffer.concat([MICROCODE, first, zstdCompressSync(MAIN)]))
  assert.deepEqual(contents, { kind: 'read', modules: [...EXPECTED, 'virtio_net'].toSorted() })
})

test('what nobody can unpack is said, with its first bytes', async () => {
  const contents = await contentsOf(Buffer.from('0102030405060708', 'hex'))
  assert.ok(contents.kind === 'unread')
  assert.match(contents.why, /^\/boot\/initrd cannot be read: .*compression.*010203040506/)
})

test('what is packed and no archive is not taken for an empty one', async () => {
  assert.equal((await contentsOf(gzipSync('no archive'))).kind, 'unread')
})

test('an initial ramdisk that is not there has a reason of its own', async () => {
  const contents = await readInitramfs(new MemoryGuest({}), '/boot/initrd')
  assert.deepEqual(contents, { kind: 'unread', why: 'there is no /boot/initrd' })
})

test("this machine's own initial ramdisks have what their tool lists", async () => {
  const names = readdirSync('/boot').filter((name) => name.startsWith('initrd.img-'))
  const needed = 'install linux-image-cloud-amd64, as the README says'
  assert.ok(names.length > 0, `there is no initial ramdisk in /boot: ${needed}`)
  for (const name of names) {
    const listed = execFileSync('lsinitramfs', [`/boot/${name}`], { encoding: 'utf8' })
      .split('\n')
      .flatMap((path) => /([^/]+)\.ko(\.\w+)?$/.exec(path)?.[1]?.replaceAll('-', '_') ?? [])
    const contents = await readInitramfs(new RunningGuest(), `/boot/${name}`)
    assert.ok(contents.kind === 'read', JSON.stringify(contents))
    assert.deepEqual(contents.modules, [...new Set(listed)].toSorted())
    assert.ok(contents.modules.includes('virtio_blk'))
  }
})

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { selectDisks, splitDevices } from './disk-selection.ts'
import { findDisks, probeDirectRead } from './disks.ts'
import { fakeDisks, fakeStack } from './fake-sysfs.ts'

const readable = async () => undefined

test('finds whole disks only, the boot disk first', async (t) => {
  const sources = await fakeDisks(t)
  const disks = await findDisks(sources)
  assert.deepEqual(
    disks.map((disk) => [disk.deviceName.slice(sources.dev.length), disk.isBootDisk]),
    [
      ['/sda', true],
      ['/cciss/c0d0', false],
      ['/nvme0n1', false],
      ['/sdb', false],
      ['/sdd', false],
    ],
  )
})

async function select(
  t: Parameters<typeof fakeDisks>[0],
  names: readonly string[],
  force = false,
  machine = fakeDisks,
) {
  const sources = await machine(t)
  const paths = names.map((name) => join(sources.dev, name))
  const { disks, problems, leftOut } = await selectDisks(sources, { paths, force }, readable)
  const short = (text: string) => text.replaceAll(sources.dev, '/dev')
  return {
    disks: disks.map((disk) => short(disk.deviceName)),
    problems: problems.map(short),
    leftOut: leftOut.map(({ deviceNames, why }) => short(`${deviceNames.join(' ')}: ${why}`)),
  }
}

test('a partition selects its disk, links are followed, duplicates collapse', async (t) => {
  const { disks, problems } = await select(t, ['sda1', 'sda2', 'sda', 'disk/by-id/second', 'sdb'])
  assert.deepEqual(disks, ['/dev/sda', '/dev/sdb'])
  assert.deepEqual(problems, [])
})

test('the root disk is always replicated', async (t) => {
  assert.deepEqual((await select(t, ['sdb'])).disks, ['/dev/sdb', '/dev/sda'])
})

test('a LUN is one disk whatever number of paths leads to it, and volumes are their disks', async (t) => {
  const { disks, leftOut, problems } = await select(t, [], false, fakeStack)
  assert.deepEqual(disks, ['/dev/mapper/mpath-dm-0', '/dev/nvme0n1', '/dev/sdc', '/dev/sdd'])
  assert.deepEqual(leftOut, [
    '/dev/dm-1: a device mapper volume, on /dev/mapper/mpath-dm-0',
    '/dev/dm-2: an LVM volume, on /dev/mapper/mpath-dm-0',
    '/dev/dm-3: an encrypted volume (LUKS), replicated in its encrypted form, on /dev/sdc, /dev/sdd',
    '/dev/md0: a RAID array (md), on /dev/sdc, /dev/sdd',
    '/dev/ram0 /dev/ram1: memory',
    '/dev/sda /dev/sdb: a path of /dev/mapper/mpath-dm-0',
    '/dev/sde: removable; name it with --devices to have it replicated',
  ])
  assert.deepEqual(problems, [
    '/dev/nvme0n1 is reached by NVMe multipath, and its writes cannot be followed. Boot with nvme_core.multipath=N, or leave it out with --devices.',
  ])
})

test('any path and any partition of a LUN selects the LUN', async (t) => {
  for (const name of ['sda', 'sdb', 'dm-0', 'dm-1', 'mapper/mpath-dm-0']) {
    const { disks, problems } = await select(t, [name, 'sde'], false, fakeStack)
    assert.deepEqual(disks, ['/dev/mapper/mpath-dm-0', '/dev/sde'])
    assert.deepEqual(problems, [])
  }
  const { problems } = await select(t, ['dm-2', 'dm-3', 'md0'], false, fakeStack)
  assert.deepEqual(problems, [
    '/dev/dm-2 is not a disk of its own (dm-2). Name what is under it: /dev/mapper/mpath-dm-0.',
    '/dev/dm-3 is not a disk of its own (dm-3). Name what is under it: /dev/sdc, /dev/sdd.',
    '/dev/md0 is not a disk of its own (md0). Name what is under it: /dev/sdc, /dev/sdd.',
  ])
})

test('forced volumes are taken exactly, of any kind', async (t) => {
  const { disks, problems } = await select(t, ['loop0'], true)
  assert.deepEqual(disks, ['/dev/loop0'])
  assert.deepEqual(problems, [])
})

test('every bad path is named with its remedy', async (t) => {
  const { problems } = await select(t, ['nothing', 'null', 'loop0', 'dm-0', 'sdd'])
  assert.deepEqual(problems, [
    '/dev/nothing does not exist. Give existing paths, as lsblk lists them.',
    '/dev/null is not a block device. Give whole disks, as lsblk lists them.',
    '/dev/loop0 is not a disk of its own (loop0). Leave it out, or take it as it is with --force-volumes.',
    '/dev/dm-0 is not a disk of its own (dm-0). Name what is under it: /dev/sda.',
    '/dev/sdd has 524288 bytes, less than the 1 MiB a disk needs. Leave it out with --devices.',
  ])
})

test('a disk that cannot be read is a problem with a remedy', async (t) => {
  const sources = await fakeDisks(t)
  const paths = [join(sources.dev, 'sdb')]
  const broken = async () => 'EIO: i/o error'
  const { problems } = await selectDisks(sources, { paths, force: true }, broken)
  assert.match(problems.join(), /sdb cannot be read directly \(O_DIRECT\): EIO.*kernel log/)
})

test('reads a real device directly', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'landfall-probe-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const image = join(folder, 'disk')
  await writeFile(image, '')
  await truncate(image, 4 * 1024 * 1024)
  const loop = execFileSync('losetup', ['-f', '--show', image], { encoding: 'utf8' }).trim()
  t.after(() => execFileSync('losetup', ['-d', loop]))
  assert.equal(await probeDirectRead(loop), undefined)
  assert.match((await probeDirectRead(join(folder, 'absent'))) ?? '', /ENOENT/)
})

test('splits device lists as people write them', () => {
  assert.deepEqual(splitDevices(' /dev/sda, /dev/sdb ,,'), ['/dev/sda', '/dev/sdb'])
  assert.deepEqual(splitDevices(''), [])
})

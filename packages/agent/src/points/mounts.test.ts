import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { MIB } from '@landfall/model'
import { LoopDisk } from '../replication/loop-disk.ts'
import { mountsOn, parseMounts, unfrozenUses } from './mounts.ts'

function numberOf(disk: LoopDisk): number {
  const { rdev } = statSync(disk.device)
  return Math.floor(rdev / 256) * 2 ** 20 + (rdev % 256)
}

test('finds each filesystem once, what is mounted inside another first', async () => {
  await using parent = new LoopDisk(32 * MIB)
  parent.mountExt4()
  await using child = new LoopDisk(32 * MIB)
  using mounted = new DisposableStack()
  execFileSync('mkfs.ext4', ['-q', child.device])
  const inside = path.join(parent.mountPoint, 'in side')
  const bound = path.join(parent.mountPoint, 'bound')
  mkdirSync(inside)
  mkdirSync(bound)
  execFileSync('mount', [child.device, inside])
  mounted.defer(() => void execFileSync('umount', [inside]))
  execFileSync('mount', ['--bind', inside, bound])
  mounted.defer(() => void execFileSync('umount', [bound]))
  const mounts = await mountsOn([numberOf(parent), numberOf(child)])
  assert.deepEqual(
    mounts.map((mount) => [mount.mountPoint, mount.type, mount.disks]),
    [
      [inside, 'ext4', [numberOf(child)]],
      [parent.mountPoint, 'ext4', [numberOf(parent)]],
    ],
  )
})

test('leaves out what is mounted read-only and what lies on other disks', async () => {
  await using disk = new LoopDisk(32 * MIB)
  disk.mountExt4()
  execFileSync('mount', ['-o', 'remount,ro', disk.mountPoint])
  assert.deepEqual(await mountsOn([numberOf(disk)]), [])
  assert.deepEqual(await mountsOn([1]), [])
})

test('names disks without a filesystem', async () => {
  await using disk = new LoopDisk(32 * MIB)
  const seen = { deviceName: disk.device, deviceNumber: numberOf(disk) }
  const [use] = await unfrozenUses([seen], [])
  assert.equal(use?.what, disk.device)
  assert.match(use?.why ?? '', /raw device/)
})

test('reads mount points with spaces and lines with and without optional fields', () => {
  const text =
    '36 35 98:0 /a /mnt\\040one rw,noatime master:1 shared:2 - ext3 /dev/root rw,errors=continue\n' +
    '37 35 0:40 / /data rw - btrfs /dev/sda2 rw,subvol=/@\n'
  assert.deepEqual(
    parseMounts(text).map(({ mountPoint, type, source, device }) => {
      return { mountPoint, type, source, device }
    }),
    [
      { mountPoint: '/mnt one', type: 'ext3', source: '/dev/root', device: '98:0' },
      { mountPoint: '/data', type: 'btrfs', source: '/dev/sda2', device: '0:40' },
    ],
  )
})

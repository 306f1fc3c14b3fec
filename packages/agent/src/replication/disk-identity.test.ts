import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeTree } from '../install/fake-sysfs.ts'
import { diskIdentities, locateDisk } from './disk-identity.ts'

test('disks say what they are, each kind in its place, and paths to one disk tell nothing', async (t) => {
  const root = await makeTree(t, {
    'sys/block/sda/device/wwid': 't10.ATA     QEMU HARDDISK                QM00001 \n',
    'sys/block/nvme0n1/wwid': 'eui.0025385b71b00a01\n',
    'sys/block/nvme0c0n1/wwid': 'eui.0025385b71b00a01\n',
    'sys/block/nvme0c0n1/hidden': '1\n',
    'sys/block/cciss!c0d0/serial': 'P1\n',
    'sys/block/vda/serial': '',
    'sys/block/loop0/size': '8',
    'sys/block/sdx/device/wwid': 'naa.1',
    'sys/block/sdy/device/wwid': 'naa.1',
  })
  assert.deepEqual(await diskIdentities(`${root}/sys`), {
    '/dev/sda': 't10.ATA     QEMU HARDDISK                QM00001',
    '/dev/nvme0n1': 'eui.0025385b71b00a01',
    '/dev/cciss/c0d0': 'P1',
  })
})

test('a disk is found under whatever name it has now', () => {
  const recorded = { '/dev/sda': 'A', '/dev/sdb': 'B' }
  const now = { '/dev/sda': 'B', '/dev/sdb': 'A', '/dev/sdc': 'C' }
  assert.equal(locateDisk('/dev/sda', recorded, now), '/dev/sdb')
  assert.equal(locateDisk('/dev/sdb', recorded, now), '/dev/sda')
})

test('a disk goes by its name when nothing was recorded, or something new is there', () => {
  assert.equal(locateDisk('/dev/loop3', {}, { '/dev/sda': 'A' }), '/dev/loop3')
  assert.equal(locateDisk('/dev/sda', { '/dev/sda': 'A' }, { '/dev/sda': 'N' }), '/dev/sda')
  assert.equal(locateDisk('/dev/sda', { '/dev/sda': 'A' }, {}), '/dev/sda')
})

test('another disk that took the name is not replicated in its place', () => {
  const recorded = { '/dev/sda': 'A', '/dev/sdb': 'B' }
  assert.throws(
    () => locateDisk('/dev/sda', recorded, { '/dev/sda': 'B' }),
    /Disk \/dev\/sda is not there, and \/dev\/sdb has its name/,
  )
})

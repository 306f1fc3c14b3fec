import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applianceDevice, inAppliance } from './device-names.ts'

test('appliance devices are counted as letters', () => {
  assert.deepEqual([0, 25, 26, 49].map(applianceDevice), [
    '/dev/sda',
    '/dev/sdz',
    '/dev/sdaa',
    '/dev/sdax',
  ])
})

test('a disk or partition of the source is found by the order of the disks', () => {
  const disks = ['/dev/nvme0n1', '/dev/sda', '/dev/sdaa', '/dev/mmcblk0']
  const found = {
    '/dev/nvme0n1p2': '/dev/sda2',
    '/dev/nvme0n1': '/dev/sda',
    '/dev/sda15': '/dev/sdb15',
    '/dev/sdaa1': '/dev/sdc1',
    '/dev/mmcblk0p1': '/dev/sdd1',
  }
  for (const [name, device] of Object.entries(found)) assert.equal(inAppliance(name, disks), device)
  for (const name of ['/dev/nvme0n12', '/dev/sdb1', '/dev/sdap1', '/dev/mapper/root', '']) {
    assert.equal(inAppliance(name, disks), undefined, name)
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isHardwareName, isHardwarePath } from './hardware-name.ts'

test('names of hardware are told from those that mean the same anywhere', () => {
  const names = ['/dev/sda', '/dev/vdb2', '/dev/nvme0n1p3', '/dev/xvda1', '/dev/hdc']
  for (const name of [...names, '/dev/cciss/c0d0p1', '/dev/mmcblk0p1']) {
    assert.ok(isHardwareName(name), name)
  }
  for (const name of ['/dev/mapper/vg-root', '/dev/vg/root', '/dev/md0', '/dev/sdcard/x']) {
    assert.ok(!isHardwareName(name), name)
  }
})

test('of the names by ID those of what is on the disk are not of the hardware', () => {
  for (const name of ['by-path/pci-0000:00:05.0', 'by-id/ata-QEMU_HARDDISK_1', 'by-id/wwn-0x5']) {
    assert.ok(isHardwarePath(`/dev/disk/${name}`), name)
  }
  for (const name of ['by-id/dm-name-vg-root', 'by-id/md-uuid-1', 'by-uuid/1', 'by-label/a']) {
    assert.ok(!isHardwarePath(`/dev/disk/${name}`), name)
  }
})

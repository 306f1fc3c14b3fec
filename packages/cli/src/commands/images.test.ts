import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeImages } from './images.ts'

test('an image says where its files are, or why there are none', () => {
  const one = { instanceID: 'i-1', createdAt: '2026-01-10T09:00:00.000Z' }
  const path = '/var/lib/landfall/images/ami-1/vda.qcow2'
  const disk = { deviceName: '/dev/sda', path, sizeBytes: 40 * 1024 ** 3, fileBytes: 1024 ** 3 }
  const images = [
    { ...one, imageID: 'ami-1', name: 'shop 1', state: 'AVAILABLE', disks: [disk] },
    {
      ...one,
      imageID: 'ami-2',
      name: 'shop 2',
      state: 'FAILED',
      failureReason: 'No space left on device.',
      disks: [],
    },
  ] as const
  assert.equal(
    describeImages(images),
    [
      'ami-1  AVAILABLE  shop 1',
      '  of i-1, asked for at 2026-01-10T09:00:00.000Z',
      `  /dev/sda, 40.0 GiB: ${path} (1.0 GiB)`,
      'ami-2  FAILED  shop 2',
      '  of i-1, asked for at 2026-01-10T09:00:00.000Z',
      '  No space left on device.',
    ].join('\n'),
  )
  assert.equal(describeImages([]), 'There are no images.')
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newId } from '@landfall/model'
import { somePoint } from '../volumes/staging-volume.contract.ts'
import type { VolumeRecord } from '../volumes/volume-record.ts'
import {
  checkPointCount,
  findPoint,
  withoutPin,
  withoutPoint,
  withPin,
  withPoint,
} from './points.ts'

function record(disks: number): VolumeRecord {
  return {
    version: 1,
    sourceServerID: newId('sourceServer'),
    volumes: Array.from({ length: disks }, (_, index) => ({
      deviceName: `/dev/sd${index}`,
      sizeBytes: 1024 * 1024,
      pristine: true,
      layers: [`${index}-0000.qcow2`],
    })),
    points: [],
    pins: [],
    intent: { files: ['0-0001.qcow2', '1-0001.qcow2'] },
    merge: null,
    deleting: false,
  }
}

/** One layer more on the volumes in turn. */
function overlays(...layers: string[]): Map<number, string> {
  return new Map(layers.entries())
}

test('a point has the layers that were written to until then', () => {
  const description = somePoint()
  const next = withPoint(record(2), description, overlays('0-0001.qcow2', '1-0001.qcow2'))
  assert.deepEqual(findPoint(next, description.pointID).layers, ['0-0000.qcow2', '1-0000.qcow2'])
  assert.deepEqual(
    next.volumes.map((volume) => volume.layers.at(-1)),
    ['0-0001.qcow2', '1-0001.qcow2'],
  )
  assert.equal(next.intent, null)
})

test('a pin counts once, holds one point, and may be taken away twice', () => {
  const [first, second] = [somePoint(), somePoint()]
  let current = withPoint(record(1), first, overlays('0-0001.qcow2'))
  current = withPoint(current, second, overlays('0-0002.qcow2'))
  current = withPin(current, first.pointID, 'pin-1')
  current = withPin(current, first.pointID, 'pin-1')
  current = withPin(current, first.pointID, 'pin-2')
  assert.equal(current.pins.length, 2)
  assert.throws(() => withPin(current, second.pointID, 'pin-1'), { code: 'conflict' })
  assert.throws(() => withPin(current, newId('point'), 'pin-3'), { code: 'not_found' })
  current = withoutPin(withoutPin(current, 'pin-1'), 'pin-1')
  assert.deepEqual(current.pins, [{ pinID: 'pin-2', pointID: first.pointID }])
})

test('points are limited by their number, and by the layers of all disks', () => {
  for (const { disks, pointsMax } of [
    { disks: 1, pointsMax: 100 },
    { disks: 50, pointsMax: 11 },
  ]) {
    let current = record(disks)
    for (let count = 0; count < pointsMax; count++) {
      checkPointCount(current)
      current = withPoint(current, somePoint(), overlays())
    }
    assert.throws(() => checkPointCount(current), { code: 'quota_exceeded' })
  }
})

test('a deleted point counts until its layers are merged', () => {
  let current = record(1)
  for (let count = 0; count < 100; count++)
    current = withPoint(current, somePoint(), overlays('0-0.qcow2'))
  const first = current.points[0]?.description.pointID ?? ''
  current = withoutPoint(current, first)
  assert.equal(withoutPoint(current, first), current)
  assert.throws(() => checkPointCount(current), { code: 'quota_exceeded', message: /99 points/ })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newId } from '@landfall/model'
import { withoutPoint, withPin, withPoint } from '../points/points.ts'
import { nextMerge, withMerged } from './merges.ts'
import { somePoint } from './staging-volume.contract.ts'
import type { RecordedVolume, VolumeRecord } from './volume-record.ts'

function volume(layer: string): RecordedVolume {
  return { deviceName: `/dev/sd${layer}`, sizeBytes: 1, pristine: false, layers: [layer] }
}

/** Two points of disk `a`, then disk `b` is added, then two points of both. */
function fourPoints(): { record: VolumeRecord; ids: string[] } {
  const descriptions = Array.from({ length: 4 }, somePoint)
  let record: VolumeRecord = {
    version: 1,
    sourceServerID: newId('sourceServer'),
    volumes: [volume('a0')],
    points: [],
    pins: [],
    intent: null,
    merge: null,
    deleting: false,
  }
  for (const [index, description] of descriptions.entries()) {
    if (index === 2) record = { ...record, volumes: [...record.volumes, volume('b0')] }
    const overlays = [`a${index + 1}`, `b${index - 1}`].slice(0, record.volumes.length)
    record = withPoint(record, description, new Map(overlays.entries()))
  }
  return { record, ids: descriptions.map(({ pointID }) => pointID) }
}

/** Merges whatever may be, and says what. */
function mergeAll(record: VolumeRecord): { record: VolumeRecord; merged: string[] } {
  const merged: string[] = []
  let current = record
  for (let merge = nextMerge(current); merge !== undefined; merge = nextMerge(current)) {
    merged.push(`${merge.top} into ${merge.base} below ${merge.next}`)
    current = withMerged(current, merge)
  }
  return { record: current, merged }
}

test('layers of points that are there are left alone', () => {
  assert.equal(nextMerge(fourPoints().record), undefined)
})

test('a point above the merged layer has the lower file, on each disk that it has', () => {
  const { record, ids } = fourPoints()
  const after = mergeAll(withoutPoint(withoutPoint(record, ids[1] ?? ''), ids[2] ?? ''))
  assert.deepEqual(after.merged, [
    'a2 into a1 below a3',
    'a3 into a1 below a4',
    'b1 into b0 below b2',
  ])
  assert.deepEqual(
    after.record.points.map((point) => point.layers),
    [['a0'], ['a1', 'b0']],
  )
  assert.deepEqual(
    after.record.volumes.map(({ layers }) => layers),
    [
      ['a0', 'a1', 'a4'],
      ['b0', 'b2'],
    ],
  )
  assert.deepEqual(after.record.intent, { files: ['a2', 'a3', 'b1'] })
})

test('what a pinned point stands on waits, and what lies above it does not', () => {
  const { record, ids } = fourPoints()
  const [first = '', second = '', third = ''] = ids
  const pinnedAbove = withPin(withoutPoint(record, first), second, 'pin-1')
  assert.deepEqual(mergeAll(pinnedAbove).merged, [])
  const pinnedBelow = withPin(withoutPoint(record, third), second, 'pin-1')
  assert.deepEqual(mergeAll(pinnedBelow).merged, ['a3 into a2 below a4', 'b1 into b0 below b2'])
})

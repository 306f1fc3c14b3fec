import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MIB } from '@landfall/model'
import { Mismatches, type DefectFound } from './mismatches.ts'

function found(mismatches: Mismatches, deviceName: string, offset: number): void {
  const disk = { deviceName } as DefectFound['disk']
  mismatches.add({ disk, range: { offset, length: MIB }, foundBy: 'SCRUB' })
}

test('neighbours are one mismatch, until it was told', () => {
  const log: string[] = []
  const mismatches = new Mismatches((message) => log.push(message))
  found(mismatches, '/dev/sda', 0)
  found(mismatches, '/dev/sda', MIB)
  found(mismatches, '/dev/sdb', 2 * MIB)
  assert.deepEqual(
    mismatches.waiting().map(({ offset, differentBytes }) => [offset, differentBytes]),
    [
      [0, 2 * MIB],
      [2 * MIB, MIB],
    ],
  )
  assert.match(log[0] ?? '', /1 MiB of \/dev\/sda at 0 differ from the replica/)
  // The service may have it already: another is told under another ID.
  found(mismatches, '/dev/sdb', 3 * MIB)
  assert.equal(mismatches.waiting().length, 3)
})

test('all are told until they are taken, and none is lost however many wait', () => {
  const mismatches = new Mismatches(() => undefined)
  for (let index = 0; index < 1000; index++) {
    found(mismatches, index % 2 === 0 ? '/dev/sda' : '/dev/sdb', 2 * index * MIB)
    // Reports that do not arrive.
    if (index % 10 === 0) mismatches.waiting()
  }
  const ids = new Set<string>()
  let bytes = 0
  for (;;) {
    const told = mismatches.waiting()
    if (told.length === 0) break
    assert.ok(told.length <= 100)
    assert.deepEqual(mismatches.waiting(), told)
    for (const { mismatchID, differentBytes } of told) {
      ids.add(mismatchID)
      bytes += differentBytes
    }
    mismatches.taken(told)
  }
  assert.equal(bytes, 1000 * MIB)
  assert.ok(ids.size < 110)
})

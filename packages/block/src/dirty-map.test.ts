import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DirtyMap, granuleBytesFor, MAP_GRANULES_MAX } from './dirty-map.ts'
import type { Extent } from './extent.ts'

const GRANULE = 4096
const TIB = 2 ** 40

/** Deterministic, so that a failure can be repeated by its seed. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return (state >>> 8) % below
  }
}

function extentsOf(map: DirtyMap, lengthMax = 2 ** 40): Extent[] {
  const extents: Extent[] = []
  for (let from = 0; ;) {
    const found = map.find(from, lengthMax)
    if (found === undefined) return extents
    extents.push(found)
    from = found.offset + found.length
  }
}

test('holds what a plain list of granules holds, for any sequence of changes', () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = randomNumbers(seed)
    const granules = 1 + random(3000)
    const sizeBytes = granules * GRANULE - random(8) * 512
    const map = new DirtyMap(sizeBytes)
    const model = Array.from({ length: granules }, () => false)
    for (let step = 0; step < 60; step++) {
      const offset = random(sizeBytes)
      const extent = { offset, length: 1 + random(random(2) === 0 ? 9000 : sizeBytes - offset) }
      const value = random(3) > 0
      if (value) map.add(extent)
      else map.remove(extent)
      const end = Math.min(Math.ceil((offset + extent.length) / GRANULE), granules)
      model.fill(value, Math.floor(offset / GRANULE), end)
    }
    const held = extentsOf(map, GRANULE).map((extent) => extent.offset / GRANULE)
    const expected = model.flatMap((dirty, index) => (dirty ? [index] : []))
    assert.deepEqual(held, expected, `seed ${seed}`)
    assert.equal(map.dirtyBytes, Math.min(expected.length * GRANULE, sizeBytes), `seed ${seed}`)
    const probe = { offset: random(sizeBytes), length: 1 + random(20_000) }
    const touched = expected.some(
      (index) =>
        index * GRANULE < probe.offset + probe.length && (index + 1) * GRANULE > probe.offset,
    )
    assert.equal(map.touches(probe), touched, `seed ${seed}`)
  }
})

test('merges neighbours and keeps the length limit', () => {
  const map = new DirtyMap(2 ** 20)
  map.add({ offset: 0, length: 40_000 })
  map.add({ offset: 40_960, length: 4096 })
  assert.deepEqual(extentsOf(map), [{ offset: 0, length: 45_056 }])
  assert.deepEqual(extentsOf(map, 32_768), [
    { offset: 0, length: 32_768 },
    { offset: 32_768, length: 12_288 },
  ])
})

test('an extent at the end of a disk that is no whole granule ends with the disk', () => {
  const map = new DirtyMap(10_000 * 512)
  map.add({ offset: 9_999 * 512, length: 512 })
  assert.deepEqual(extentsOf(map), [{ offset: 1249 * 4096, length: 4096 }])
  const odd = new DirtyMap(9 * 512)
  odd.addAll()
  assert.deepEqual(extentsOf(odd), [{ offset: 0, length: 4608 }])
  assert.equal(odd.dirtyBytes, 4608)
})

test('ignores what lies beyond the disk', () => {
  const map = new DirtyMap(2 ** 20)
  map.add({ offset: 2 ** 20, length: 4096 })
  map.add({ offset: 2 ** 30, length: 4096 })
  assert.equal(map.isEmpty, true)
})

test('a map of 1 TiB with one dirty granule at its end is searched in few steps', () => {
  const map = new DirtyMap(TIB)
  map.add({ offset: TIB - GRANULE, length: GRANULE })
  const begin = process.cpuUsage()
  for (let round = 0; round < 20; round++) {
    assert.deepEqual(map.find(0, 2 ** 20), { offset: TIB - GRANULE, length: GRANULE })
  }
  // Without the summary this is 8 Mi steps a search; the bound is two orders above what it takes.
  assert.ok(process.cpuUsage(begin).user < 1_000_000)
})

test('a snapshot restores into a map that already knows more', () => {
  const map = new DirtyMap(2 ** 24)
  map.add({ offset: 8192, length: 70_000 })
  const other = new DirtyMap(2 ** 24)
  other.add({ offset: 0, length: 12_288 })
  other.restore(Buffer.from(map.snapshot()))
  assert.deepEqual(extentsOf(other), [{ offset: 0, length: 81_920 }])
  assert.equal(other.dirtyBytes, 81_920)
})

test('disks above 2 TiB get larger granules, so that the map stays within 64 MiB', () => {
  assert.equal(granuleBytesFor(TIB), 4096)
  assert.equal(granuleBytesFor(2 * TIB), 4096)
  assert.equal(granuleBytesFor(2 * TIB + 512), 8192)
  assert.equal(granuleBytesFor(64 * TIB), 131_072)
  assert.ok(Math.ceil((64 * TIB) / granuleBytesFor(64 * TIB)) <= MAP_GRANULES_MAX)
})

test('a map of a grown disk has the same ranges dirty, in larger granules if need be', () => {
  const map = new DirtyMap(2 * TIB)
  map.add({ offset: 4096, length: 4096 })
  map.add({ offset: 2 * TIB - GRANULE, length: GRANULE })
  const grown = map.enlarged(3 * TIB)
  assert.equal(grown.granuleBytes, 8192)
  assert.deepEqual(extentsOf(grown), [
    { offset: 0, length: 8192 },
    { offset: 2 * TIB - 8192, length: 8192 },
  ])
  const coarse = new DirtyMap(2 ** 21 + 512, 2 ** 20)
  coarse.addAll()
  assert.deepEqual(extentsOf(coarse.enlarged(2 ** 23)), [{ offset: 0, length: 3 * 2 ** 20 }])
})

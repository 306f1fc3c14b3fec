import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inBatches } from './batches.ts'

test('every row comes once, in batches, also of rows that go meanwhile', async () => {
  let rows = Array.from({ length: 500 }, (_, index) => ({ seq: 2 * index + 1 }))
  const read = async (after: number, limit: number) =>
    rows.filter(({ seq }) => seq > after).slice(0, limit)
  const sizes: number[] = []
  const seen: number[] = []
  for await (const batch of inBatches(read)) {
    sizes.push(batch.length)
    seen.push(...batch.map(({ seq }) => seq))
    rows = rows.filter(({ seq }) => seq > 1)
  }
  assert.deepEqual(sizes, [200, 200, 100])
  assert.equal(new Set(seen).size, 500)
})

test('where there is no row there is no batch', async () => {
  assert.deepEqual(await Array.fromAsync(inBatches(async () => [])), [])
})

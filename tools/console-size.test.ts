import assert from 'node:assert/strict'
import { test } from 'node:test'
import { firstLoad } from '../packages/console/build/first-load.ts'
import { buildConsole } from '../packages/console/build/index.ts'

/** Two seconds through a link of 2 Mbit/s, which is what people have at night in a train. */
const FIRST_LOAD_BYTES_MAX = 500_000

test('the console is there after less than 500 kB', async (t) => {
  const files = await firstLoad(await buildConsole())
  const sum = files.reduce((bytes, { gzipBytes }) => bytes + gzipBytes, 0)
  const told = files.map(({ name, gzipBytes }) => `${name} ${(gzipBytes / 1000).toFixed(1)} kB`)
  const message = `${(sum / 1000).toFixed(1)} kB gzipped: ${told.join(', ')}`
  t.diagnostic(message)
  assert.ok(sum <= FIRST_LOAD_BYTES_MAX, `${message}. Load what is large lazily (rooms.tsx)`)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CELLS } from './guests/cell.ts'
import { runCells } from './guests/run-cells.ts'

/** Each takes several minutes: all of them are for `npm run test:guests`. */
const GUESTS_A_DAY = 3
const DAY_MS = 24 * 60 * 60 * 1000

test("three of the guests, others every day, boot on KVM's hardware and report", async (t) => {
  const day = Math.floor(Date.now() / DAY_MS)
  const today = Array.from(
    { length: GUESTS_A_DAY },
    (_, index) => CELLS[(day * GUESTS_A_DAY + index) % CELLS.length]!,
  )
  const outcomes = await runCells(today, {
    signal: t.signal,
    log: (message) => t.diagnostic(message),
  })
  const failures = outcomes.flatMap((outcome) =>
    'error' in outcome ? [`${outcome.cell.name}: ${outcome.error}`] : [],
  )
  assert.deepEqual(failures, [])
})

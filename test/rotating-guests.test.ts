import assert from 'node:assert/strict'
import { test } from 'node:test'
import { guestsOfToday } from './guests/rotation.ts'
import { runCells } from './guests/run-cells.ts'

test("two of the guests, others every day, boot on KVM's hardware and report", async (t) => {
  const outcomes = await runCells(guestsOfToday().byCalls, {
    signal: t.signal,
    log: (message) => t.diagnostic(message),
  })
  const failures = outcomes.flatMap((outcome) =>
    'error' in outcome ? [`${outcome.cell.name}: ${outcome.error}`] : [],
  )
  assert.deepEqual(failures, [])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { milestones } from './milestones.ts'

const at = (minute: number) => new Date(Date.UTC(2026, 0, 10, 9, minute)).toISOString()

test('what has happened is told, the newest first, and nothing that has not', () => {
  const found = milestones({
    lifeCycle: {
      state: 'READY_FOR_CUTOVER',
      addedToServiceDateTime: at(0),
      lastTest: {
        initiated: { apiCallDateTime: at(5), jobID: 'mgnjob-1' },
        finalized: { apiCallDateTime: at(9) },
      },
      lastCutover: {},
    },
  })
  assert.deepEqual(found, [
    { at: at(9), what: 'Testing was completed' },
    { at: at(5), what: 'Last test instance was launched', jobID: 'mgnjob-1' },
    { at: at(0), what: 'Added to the service' },
  ])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hoursOf, scheduleChoices } from './rehearsal-words.ts'

test('what is chosen is always among the choices, whoever chose it', () => {
  for (const everyHours of [null, 1, 24, 35, 720]) {
    const choices = scheduleChoices(everyHours)
    const found = choices.filter(({ value }) => hoursOf(value) === everyHours)
    assert.equal(found.length, 1, `${everyHours}`)
    assert.equal(new Set(choices.map(({ label }) => label)).size, choices.length)
  }
})

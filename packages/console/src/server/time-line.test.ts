import assert from 'node:assert/strict'
import { test } from 'node:test'
import { positionOf, ticksOf } from './time-line.ts'

const DAY_S = 86_400

test('the newest stands at the right end, the oldest at the left, and order is kept', () => {
  assert.equal(positionOf(0, DAY_S), 1)
  assert.equal(positionOf(DAY_S, DAY_S), 0)
  const positions = [0, 60, 600, 3600, 40_000, DAY_S].map((age) => positionOf(age, DAY_S))
  assert.deepEqual(
    positions,
    positions.toSorted((a, b) => b - a),
  )
})

test('nothing leaves the line: not what comes from the future, nor the only one there is', () => {
  assert.equal(positionOf(-30, DAY_S), 1)
  assert.equal(positionOf(2 * DAY_S, DAY_S), 0)
  assert.equal(positionOf(0, 0), 1)
})

test('ages are named as far as the line goes', () => {
  assert.deepEqual(
    ticksOf(3600).map(({ text }) => text),
    ['10 min ago', '1 h ago'],
  )
  assert.deepEqual(ticksOf(30), [])
})

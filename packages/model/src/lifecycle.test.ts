import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  findTransition,
  LIFECYCLE_EVENTS,
  LIFECYCLE_STATES,
  LIFECYCLE_TRANSITIONS,
} from './lifecycle.ts'

test('every event has a row, and no event has two rows for one state', () => {
  for (const event of LIFECYCLE_EVENTS) {
    const rows = LIFECYCLE_TRANSITIONS.filter((row) => row.event === event)
    assert.notEqual(rows.length, 0, `${event} has no row`)
    for (const state of LIFECYCLE_STATES) {
      assert.ok(
        rows.filter((row) => row.from.includes(state)).length <= 1,
        `${event} has two rows for ${state}`,
      )
    }
  }
})

test('a server can be launched only when it is launchable', () => {
  for (const event of ['StartTest', 'StartCutover'] as const) {
    for (const row of LIFECYCLE_TRANSITIONS.filter((candidate) => candidate.event === event)) {
      assert.equal(row.guard, 'launchable')
    }
  }
})

test('a server under test or cutover keeps its instance: terminating is illegal', () => {
  for (const state of ['TESTING', 'CUTTING_OVER', 'CUTOVER'] as const) {
    assert.equal(findTransition('TerminateTargetInstances', state), undefined)
  }
})

test('only a finalised or disconnected server can be archived or deleted', () => {
  for (const state of LIFECYCLE_STATES) {
    const allowed = state === 'CUTOVER' || state === 'DISCONNECTED'
    assert.equal(findTransition('MarkAsArchived', state) !== undefined, allowed, state)
    assert.equal(findTransition('DeleteSourceServer', state) !== undefined, allowed, state)
  }
})

test('the whole story of the main job is legal, row by row', () => {
  const story = [
    ['AgentRegistered', 'PENDING_INSTALLATION', 'NOT_READY'],
    ['BecameLaunchable', 'NOT_READY', 'READY_FOR_TEST'],
    ['StartTest', 'READY_FOR_TEST', 'TESTING'],
    ['MarkReadyForCutover', 'TESTING', 'READY_FOR_CUTOVER'],
    ['StartCutover', 'READY_FOR_CUTOVER', 'CUTTING_OVER'],
    ['FinalizeCutover', 'CUTTING_OVER', 'CUTOVER'],
  ] as const
  for (const [event, from, to] of story) assert.equal(findTransition(event, from)?.to, to)
})

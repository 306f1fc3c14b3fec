import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JobLogEvent, JobLogItem } from '@landfall/model'
import type { JobServer } from '../api/job.ts'
import { failureOf, presentStep, stepsOf } from './job-steps.ts'

const TEST = { type: 'LAUNCH', initiatedBy: 'START_TEST' } as const
const CUTOVER = { type: 'LAUNCH', initiatedBy: 'START_CUTOVER' } as const

/** A log of one event per second, some with data. */
function logOf(...events: readonly (JobLogEvent | readonly [JobLogEvent, object])[]): JobLogItem[] {
  return events.map((one, index) => {
    const [event, data] = typeof one === 'string' ? [one, {}] : one
    const eventData = event.startsWith('JOB') ? {} : { sourceServerID: 's-1', ...data }
    return { logDateTime: new Date(index * 1000).toISOString(), event, eventData }
  })
}

function serverAt(launchStatus: JobServer['launchStatus']): JobServer {
  return { sourceServerID: 's-1', launchStatus }
}

const briefly = (steps: ReturnType<typeof stepsOf>) =>
  steps.map(({ text, status }) => [text.split(' ')[0], status])

const second = (attemptCount: number) => ({ attemptCount, maxAttemptsCount: 2 })

test('a launch goes through the steps of a migration, and the one under way is named', () => {
  const waiting = stepsOf(TEST, serverAt('PENDING'), [])
  assert.deepEqual(briefly(waiting), [
    ['Check', 'pending'],
    ['B-5', 'pending'],
    ['C-1', 'pending'],
    ['C-2', 'pending'],
    ['C-3', 'pending'],
  ])
  assert.equal(presentStep(waiting), undefined)
  const log = logOf('JOB_START', 'SNAPSHOT_START', 'SNAPSHOT_END', 'CONVERSION_START')
  const converting = stepsOf(CUTOVER, serverAt('IN_PROGRESS'), log)
  assert.deepEqual(briefly(converting), [
    ['Check', 'success'],
    ['B-5', 'success'],
    ['D-1', 'success'],
    ['D-2', 'in-progress'],
    ['D-3', 'pending'],
  ])
  assert.equal(presentStep(converting)?.text, 'D-2 Convert to bootable')
  const done = [...log, ...logOf('CONVERSION_END', 'LAUNCH_START', 'JOB_END')]
  assert.deepEqual(briefly(stepsOf(CUTOVER, serverAt('LAUNCHED'), done)).at(-1), ['D-3', 'success'])
})

test('what failed has its cause and a remedy, and what comes after it is not reached', () => {
  const fail = (count: number) => ({ ...second(count), rawError: 'no system was found' })
  const once = logOf(
    'SNAPSHOT_START',
    'SNAPSHOT_END',
    ['CONVERSION_START', second(1)],
    ['CONVERSION_FAIL', fail(1)],
    ['CONVERSION_START', second(2)],
  )
  const again = stepsOf(TEST, serverAt('IN_PROGRESS'), once)
  assert.deepEqual(again[3]?.attempt, { count: 2, max: 2 })
  assert.equal(again[3]?.status, 'in-progress')
  const ended = [...once, ...logOf(['CONVERSION_FAIL', fail(2)], ['LAUNCH_FAILED', fail(2)])]
  const steps = stepsOf(TEST, serverAt('FAILED'), ended)
  assert.deepEqual(briefly(steps).slice(3), [
    ['C-2', 'error'],
    ['C-3', 'stopped'],
  ])
  const failure = failureOf(serverAt('FAILED'), steps)
  assert.equal(failure?.step, 'C-2 Convert to bootable')
  assert.equal(failure?.cause, 'no system was found')
  assert.match(failure?.remedy ?? '', /points of the server are as they were/)
})

test('settings that refuse a launch fail it before anything is done', () => {
  const log = logOf('JOB_START', ['LAUNCH_FAILED', { rawError: 'no such subnet' }], 'JOB_END')
  const steps = stepsOf(TEST, serverAt('FAILED'), log)
  assert.equal(steps[0]?.status, 'error')
  assert.deepEqual(new Set(steps.slice(1).map(({ status }) => status)), new Set(['stopped']))
  assert.match(failureOf(serverAt('FAILED'), steps)?.remedy ?? '', /^Nothing was changed/)
})

test('a point that fails is made up for, and an earlier instance is removed where there is one', () => {
  const log = logOf(
    'CLEANUP_START',
    'CLEANUP_END',
    'SNAPSHOT_START',
    ['SNAPSHOT_FAIL', { rawError: 'late' }],
    'USING_PREVIOUS_SNAPSHOT',
    'CONVERSION_START',
    'CONVERSION_END',
    'LAUNCH_START',
  )
  const steps = stepsOf(TEST, serverAt('LAUNCHED'), log)
  assert.deepEqual(briefly(steps), [
    ['Check', 'success'],
    ['Remove', 'success'],
    ['B-5', 'warning'],
    ['C-1', 'success'],
    ['C-2', 'success'],
    ['C-3', 'success'],
  ])
  assert.equal(failureOf(serverAt('LAUNCHED'), steps), undefined)
})

test('a job that terminates has one step, and hears nothing of other servers', () => {
  const job = { type: 'TERMINATE', initiatedBy: 'TERMINATE' } as const
  const other = { ...logOf('CLEANUP_FAIL')[0], eventData: { sourceServerID: 's-2' } } as JobLogItem
  const log = [...logOf('CLEANUP_START'), other]
  assert.deepEqual(briefly(stepsOf(job, serverAt('IN_PROGRESS'), log)), [
    ['Terminate', 'in-progress'],
  ])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeRehearsals } from './rehearsal.ts'

test('a rehearsal that failed says why, and where its screen and console are', () => {
  const files = { serialLogPath: '/i/serial.log', screenshotPath: '/i/screenshot.png' }
  const rehearsals = [
    {
      startedDateTime: '2026-01-10T09:00:00.000Z',
      verdict: 'FAILED',
      detail: 'The agent did not report within 30 minutes.',
      pointTakenDateTime: '2026-01-10T08:59:00.000Z',
      ...files,
    },
    { startedDateTime: '2026-01-09T09:00:00.000Z', verdict: 'BOOTED', bootedSeconds: 75, ...files },
  ] as const
  assert.equal(
    describeRehearsals({ everyHours: 24, rehearsals }),
    [
      'Rehearsed every 24 h.',
      '2026-01-10T09:00:00.000Z  FAILED, point of 2026-01-10T08:59:00.000Z',
      '  The agent did not report within 30 minutes.',
      '  Screen: /i/screenshot.png',
      '  Console: /i/serial.log',
      '2026-01-09T09:00:00.000Z  BOOTED in 1 min 15 s',
    ].join('\n'),
  )
  assert.equal(describeRehearsals({ everyHours: null, rehearsals: [] }), 'Rehearsed by hand only.')
})

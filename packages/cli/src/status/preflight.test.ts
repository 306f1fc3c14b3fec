import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PreflightReport } from '@landfall/model'
import { countsText, describePreflight } from './preflight.ts'

const AT = '2026-01-10T09:00:00.000Z'

const REPORT: PreflightReport = {
  sourceServerID: 's-00000000000000000',
  live: { lookedAt: AT },
  point: null,
  findings: [
    {
      rule: 'root-encrypted',
      severity: 'blocker',
      about: 'storage',
      title: 'The system is encrypted.',
      details: Array.from({ length: 10 }, (_, index) => `device ${index}`),
      remedy: 'Give its passphrase.',
      sources: ['LIVE', 'POINT'],
    },
  ],
}

test('a finding is told with its severity, rule, things, remedy and where it was seen', () => {
  const text = describePreflight(REPORT)
  assert.match(
    text,
    /^Server {7}s-0{17}\nLive {9}as of 2026-01-10T09.*\nPoint {8}not looked at yet/,
  )
  assert.match(text, /BLOCKER {2}The system is encrypted\. {2}\[root-encrypted; live, point\]/)
  assert.match(text, /- device 7\n {9}- and 2 more\n {9}Give its passphrase\./)
})

test('nothing found is not the same as nothing looked at', () => {
  assert.match(describePreflight({ ...REPORT, findings: [] }), /Nothing was found\.$/)
  const unseen = describePreflight({ ...REPORT, live: null, findings: [] })
  assert.doesNotMatch(unseen, /Nothing was found/)
  const point = { lookedAt: AT, pointID: 'point-1', error: 'no system' }
  assert.match(describePreflight({ ...REPORT, point }), /point-1 could not be looked at.*no system/)
})

test('the number of blockers and warnings is one cell of a table', () => {
  assert.equal(countsText(undefined), '-')
  assert.equal(countsText({ blocker: 0, warning: 0, information: 3 }), 'ok')
  assert.equal(countsText({ blocker: 1, warning: 2, information: 3 }), '1 blocker, 2 warnings')
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AgentReplicationReport } from './control.ts'
import { replicationWarnings, stagesOf } from './replication-view.ts'

const REPORT: AgentReplicationReport = {
  sourceServerID: 's-0123456789abcdef0',
  state: 'CONTINUOUS',
  error: null,
  disks: [],
  readBytes: 0,
  wireBytes: 0,
  lagSeconds: 0,
  stages: { loads: [], bottleneck: null },
  results: [],
}
const reportedAt = '2026-01-10T09:00:00.000Z'

test('stages are told while data flows, and not of what once was', () => {
  const seen = { report: REPORT, reportedAt }
  assert.deepEqual(stagesOf('CONTINUOUS', seen), { loads: [], bottleneck: null, reportedAt })
  assert.equal(stagesOf('PAUSED', seen), undefined)
  assert.equal(stagesOf(undefined, seen), undefined)
  assert.equal(stagesOf('CONTINUOUS', { report: null, reportedAt: null }), undefined)
})

test('disks that nothing replicates are warned of', () => {
  assert.deepEqual(replicationWarnings({ report: REPORT }), [])
  const unreplicatedDisks = ['/dev/sdc', '/dev/sdd']
  assert.deepEqual(replicationWarnings({ report: { ...REPORT, unreplicatedDisks } }), [
    '/dev/sdc, /dev/sdd are not replicated: run the installer on the source server again to add what is new',
  ])
})

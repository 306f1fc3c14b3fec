import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AgentReplicationReport } from '@landfall/model'
import { describeScrub } from './scrub.ts'

const MIB = 1024 * 1024
const AT = '2026-01-10T09:00:00.000Z'
const NONE = { found: 0, differentBytes: 0, newest: [] }

const report: AgentReplicationReport = {
  sourceServerID: 's-00000000000000000',
  state: 'CONTINUOUS',
  error: null,
  disks: [],
  readBytes: 0,
  wireBytes: 0,
  lagSeconds: 0,
  results: [],
}
const disk = { deviceName: '/dev/sda', totalBytes: 64 * MIB, verifiedBytes: 16 * MIB }
const scrub = {
  bytesPerSecond: MIB,
  startedAt: AT,
  disks: [{ ...disk, unrepairedBytes: 0 }],
}

test('coverage, age and the absence of defects are said', () => {
  const seen = { report: { ...report, scrub }, reportedAt: AT, mismatches: NONE }
  assert.equal(
    describeScrub(seen),
    `Scrub        25 % found equal since ${AT}, 1.0 MiB/s\n` +
      'Whole pass   none yet\n' +
      'Mismatches   none',
  )
})

test('a defect is never hidden, nor what could not be compared', () => {
  const lastPass = { startedAt: AT, endedAt: AT, changingBytes: MIB }
  const disks = [{ ...disk, unrepairedBytes: MIB }]
  const found = { foundBy: 'SCRUB', foundAt: AT, deviceName: '/dev/sda' } as const
  const text = describeScrub({
    report: { ...report, scrub: { ...scrub, bytesPerSecond: 0, disks, lastPass } },
    reportedAt: AT,
    mismatches: {
      found: 1,
      differentBytes: MIB,
      newest: [{ ...found, offset: 40 * MIB, differentBytes: MIB }],
    },
  })
  assert.match(text, /switched off/)
  assert.match(text, /but for 1\.0 MiB that were written all the time/)
  assert.match(text, /Mismatches   1 \(1\.0 MiB\); 1\.0 MiB not found equal again yet/)
  assert.match(text, /SCRUB +\/dev\/sda +41943040 +1\.0 MiB +replica/)
})

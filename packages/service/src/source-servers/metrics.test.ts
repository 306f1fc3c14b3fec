import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StageReport } from '@landfall/model'
import { createTestService } from '../test-service.ts'
import { formatMetrics } from '../http/metrics.ts'
import { collectMetrics } from './metrics.ts'

const SENTENCE = 'The wire carries 24.9 of the 25.0 Mbit/s set as bandwidth throttling'
const STAGES: StageReport = {
  loads: [
    { stage: 'read', bytesPerSecond: 9_000_000, utilisation: 0.02 },
    { stage: 'wire', bytesPerSecond: 3_112_500, utilisation: 0.99 },
  ],
  bottleneck: { stage: 'wire', sentence: SENTENCE },
}

test('the newest stage report of a server is shown, and in its metrics while it is fresh', async (t) => {
  const service = await createTestService(t)
  const id = await service.readyServer()
  const disk = { totalStorageBytes: 1000, rescannedStorageBytes: 0, backloggedStorageBytes: 40 }
  await service.report(id, {
    state: 'BACKLOG',
    lagSeconds: 30,
    disks: [{ deviceName: '/dev/sda', replicatedStorageBytes: 900, ...disk }],
    stages: STAGES,
  })
  const described = (await service.call('DescribeReplication', { sourceServerID: id })) as {
    report: { stages: StageReport }
  }
  assert.deepEqual(described.report.stages, STAGES)

  const lines = async () => (await formatMetrics(collectMetrics(service.dependencies))).split('\n')
  const now = await lines()
  const server = `source_server="${id}"`
  for (const line of [
    `landfall_replication_state{${server},state="BACKLOG"} 1`,
    `landfall_replication_state{${server},state="CONTINUOUS"} 0`,
    `landfall_lag_seconds{${server}} 30`,
    `landfall_backlog_bytes{${server}} 40`,
    `landfall_disk_total_bytes{${server},disk="/dev/sda"} 1000`,
    `landfall_disk_replicated_bytes{${server},disk="/dev/sda"} 900`,
    `landfall_stage_bytes_per_second{${server},stage="wire"} 3112500`,
    `landfall_stage_utilisation_ratio{${server},stage="wire"} 0.99`,
    `landfall_points{${server}} 1`,
    `landfall_agent_last_seen_timestamp_seconds{${server}} ${service.clock.getTime() / 1000}`,
  ]) {
    assert.ok(now.includes(line), `${line} is not in\n${now.join('\n')}`)
  }
  service.later(61_000)
  const later = await lines()
  assert.ok(!later.some((line) => line.startsWith('landfall_stage_')))
  assert.ok(later.includes(`landfall_lag_seconds{${server}} 91`))
})

test('a stage report that cannot be is refused', async (t) => {
  const service = await createTestService(t)
  const id = await service.readyServer()
  const stages: StageReport = {
    loads: [{ stage: 'read', bytesPerSecond: 1, utilisation: 1.5 }],
    bottleneck: null,
  }
  await assert.rejects(service.report(id, { stages }), { code: 'validation' })
})

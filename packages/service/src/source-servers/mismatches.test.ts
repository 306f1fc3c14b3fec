import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import {
  MIB,
  SCRUB_BYTES_PER_SECOND,
  type Mismatch,
  type ReplicationDescription,
  type ScrubReport,
} from '@landfall/model'
import { formatMetrics } from '../http/metrics.ts'
import { createTestService } from '../test-service.ts'
import { collectMetrics } from './metrics.ts'

const AT = '2026-01-10T08:00:00.000Z'
const SCRUB: ScrubReport = {
  bytesPerSecond: MIB,
  startedAt: AT,
  disks: [
    { deviceName: '/dev/sda', totalBytes: 4 * MIB, verifiedBytes: MIB, unrepairedBytes: MIB },
  ],
  lastPass: { startedAt: AT, endedAt: AT, changingBytes: 0 },
}

function mismatch(changes: Partial<Mismatch> = {}): Mismatch {
  return {
    mismatchID: randomUUID(),
    foundBy: 'SCRUB',
    foundAt: AT,
    deviceName: '/dev/sda',
    offset: 40 * MIB,
    differentBytes: MIB,
    ...changes,
  }
}

test('a mismatch counts once however often it is told, and is shown, logged and measured', async (t) => {
  const service = await createTestService(t)
  const id = await service.readyServer()
  const seen = async () => {
    const described = await service.call<ReplicationDescription>('DescribeReplication', {
      sourceServerID: id,
    })
    return described.mismatches
  }
  assert.deepEqual(await seen(), { found: 0, differentBytes: 0, newest: [] })
  const first = mismatch()
  await service.report(id, { scrub: SCRUB, mismatches: [first] })
  // The answer was lost: the agent tells it again, with a new one.
  const second = mismatch({ foundBy: 'VERIFICATION', differentBytes: 2 * MIB })
  await service.report(id, { scrub: SCRUB, mismatches: [first, second] })
  const { found, differentBytes, newest } = await seen()
  assert.deepEqual([found, differentBytes], [2, 3 * MIB])
  const { mismatchID: _, ...shown } = second
  assert.deepEqual(newest[0], shown)

  const lines = (await formatMetrics(collectMetrics(service.dependencies))).split('\n')
  const server = `source_server="${id}"`
  for (const line of [
    `landfall_scrub_verified_ratio{${server},disk="/dev/sda"} 0.25`,
    `landfall_scrub_unrepaired_bytes{${server},disk="/dev/sda"} ${MIB}`,
    `landfall_scrub_pass_started_timestamp_seconds{${server}} ${Date.parse(AT) / 1000}`,
    `landfall_scrub_pass_ended_timestamp_seconds{${server}} ${Date.parse(AT) / 1000}`,
    `landfall_mismatches_found{${server}} 2`,
    `landfall_mismatched_bytes{${server}} ${3 * MIB}`,
  ]) {
    assert.ok(lines.includes(line), `${line} is not in\n${lines.join('\n')}`)
  }
})

test('the sums outlive what is kept of the mismatches, and the end of replication', async (t) => {
  const service = await createTestService(t)
  const id = await service.readyServer()
  for (let told = 0; told < 2; told++) {
    const mismatches = Array.from({ length: 600 }, () => mismatch())
    await service.report(id, { mismatches })
  }
  await service.call('StopReplication', { sourceServerID: id })
  const { mismatches } = await service.call<ReplicationDescription>('DescribeReplication', {
    sourceServerID: id,
  })
  assert.equal(mismatches.found, 1200)
  const { db } = service.dependencies
  const { kept } = await db
    .selectFrom('mismatches')
    .select(({ fn }) => fn.countAll<number>().as('kept'))
    .executeTakeFirstOrThrow()
  assert.equal(kept, 1000)
  await service.runJobs()
  await service.call('DisconnectFromService', { sourceServerID: id })
  await service.runJobs()
  await service.call('DeleteSourceServer', { sourceServerID: id })
})

test('a point that is found different counts as verified no more', async (t) => {
  const service = await createTestService(t)
  const id = await service.readyServer()
  const point = async () => {
    const { points } = await service.call<{ points: { id: string; verifiedAt?: string }[] }>(
      'ListPoints',
      { sourceServerID: id },
    )
    return points[0] ?? { id: '' }
  }
  const { id: pointID } = await point()
  const verify = async (differentBytes: number) => {
    await service.call('StartVerification', { sourceServerID: id, pointID })
    const [command] = (await service.pollAgent(id)).commands
    const bytes = { comparedBytes: MIB, equalBytes: MIB - differentBytes, changedBytes: 0 }
    const disk = { deviceName: '/dev/sda', ...bytes, differentBytes, differentOffsets: [] }
    const outcome = { ok: true, result: { disks: [disk] } } as const
    await service.report(id, { results: [{ commandID: command?.commandID ?? '', outcome }] })
  }
  await verify(0)
  assert.ok((await point()).verifiedAt)
  await verify(MIB)
  assert.equal((await point()).verifiedAt, undefined)
})

test('the agent is told the rate of the scrub, the default or its own', async (t) => {
  const service = await createTestService(t)
  const id = await service.readyServer()
  const told = async () => (await service.pollAgent(id)).configuration.scrubBytesPerSecond
  assert.equal(await told(), SCRUB_BYTES_PER_SECOND)
  const set = (bytesPerSecond: number | null) =>
    service.call('UpdateScrubRate', { sourceServerID: id, bytesPerSecond })
  const read = () => service.call('GetScrubRate', { sourceServerID: id })
  await set(20 * MIB)
  assert.equal(await told(), 20 * MIB)
  const own = { sourceServerID: id, bytesPerSecond: 20 * MIB, isDefault: false }
  assert.deepEqual(await read(), own)
  await set(0)
  assert.equal(await told(), 0)
  const usual = { sourceServerID: id, bytesPerSecond: SCRUB_BYTES_PER_SECOND, isDefault: true }
  assert.deepEqual(await set(null), usual)
  assert.deepEqual(await read(), usual)
  assert.equal(await told(), SCRUB_BYTES_PER_SECOND)
  await assert.rejects(set(-1), { code: 'validation' })
})

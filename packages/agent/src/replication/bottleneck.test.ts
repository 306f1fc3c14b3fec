import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MIB, REPLICATION_STAGES, type ReplicationStage } from '@landfall/model'
import { reportStages, type Situation } from './bottleneck.ts'

const IDLE = { run: 0.05, wait: 0.01 }
const ALONE = { own: 1.2, others: 0.1 }
const CROWDED = { own: 0.3, others: 1.7 }

function report(
  busy: Partial<Record<ReplicationStage, { utilisation: number; bytesPerSecond?: number }>>,
  more: Partial<Situation> = {},
) {
  const loads = REPLICATION_STAGES.map((stage) => ({
    stage,
    bytesPerSecond: busy[stage]?.bytesPerSecond ?? 10 * MIB,
    utilisation: busy[stage]?.utilisation ?? 0.1,
  }))
  const cpu = { main: IDLE, pool: IDLE, cpus: ALONE }
  const rest = { niceness: 0, throttled: 0, throttleMbps: 0, isBehind: true }
  return reportStages({ loads, cpu, ...rest, ...more })
}

function sentence(...of: Parameters<typeof report>): string {
  const { bottleneck } = report(...of)
  assert.ok(bottleneck)
  return `${bottleneck.stage}: ${bottleneck.sentence}`
}

test('the throttle is named with what it is set to', () => {
  const wire = { utilisation: 0.99, bytesPerSecond: 24.9e6 / 8 }
  assert.equal(
    sentence({ wire }, { throttled: 0.98, throttleMbps: 25 }),
    'wire: The wire carries 24.9 of the 25.0 Mbit/s set as bandwidth throttling and is busy 99 % ' +
      'of the time: raise bandwidthThrottling to go faster.',
  )
})

test('a wire that is slow by itself is not blamed on the throttle', () => {
  const wire = { utilisation: 0.97, bytesPerSecond: 187e6 / 8 }
  const told = sentence({ wire }, { throttled: 0, throttleMbps: 500 })
  assert.match(told, /^wire: The wire carries 187.0 Mbit\/s and is busy 97 % of the time: the net/)
})

test('each other stage is named with its figures', () => {
  const busy = { utilisation: 0.93, bytesPerSecond: 35.2 * MIB }
  assert.match(sentence({ read: busy }), /^read: .*disks deliver 35.2 MiB\/s and are busy 93 %/)
  assert.match(sentence({ apply: busy }), /^apply: .*takes 35.2 MiB\/s, and 93 % .*answers/)
  assert.match(sentence({ flush: busy }), /^flush: .*93 % of the time, at 35.2 MiB\/s/)
  assert.match(sentence({ compress: busy }), /^compress: Compression keeps .* busy 93 %/)
})

test('an agent that waits for a CPU says so, whatever else looks busy because of that', () => {
  const main = { run: 0.2, wait: 0.75 }
  const cpu = { main, pool: IDLE, cpus: CROWDED }
  assert.equal(
    sentence({ wire: { utilisation: 1 } }, { cpu }),
    'compress: The agent waits for a CPU 75 % of the time and has one 20 %: it keeps 0.3 CPUs of ' +
      'the source server busy, and other programs 1.7. Lower their priority, or give the server ' +
      'more CPU.',
  )
  assert.match(
    sentence({ wire: { utilisation: 1 } }, { cpu, niceness: 15 }),
    /programs 1\.7\. At niceness 15 the agent gives way to them: raise its priority, or give/,
  )
})

test('an agent that uses all of a CPU itself says so', () => {
  const main = { run: 0.94, wait: 0.03 }
  const told = sentence(
    { read: { utilisation: 0.6, bytesPerSecond: 400 * MIB } },
    { cpu: { main, pool: IDLE, cpus: ALONE } },
  )
  assert.match(told, /^compress: Checking and encrypting keeps one CPU .* 97 % .*400.0 MiB\/s/)
})

test('a throttled wire stays the bottleneck while others use the CPU', () => {
  const cpu = { main: { run: 0.1, wait: 0.8 }, pool: IDLE, cpus: CROWDED }
  const wire = { utilisation: 0.99 }
  assert.match(sentence({ wire }, { cpu, throttled: 0.9, throttleMbps: 10 }), /^wire: /)
  assert.match(sentence({ wire }, { cpu, throttled: 0.9, throttleMbps: 0 }), /^compress: /)
})

test('nothing is slow while nothing waits', () => {
  const wire = { utilisation: 0.99 }
  assert.equal(report({ wire }, { isBehind: false }).bottleneck, null)
  assert.equal(report({}).bottleneck, null)
})

test('what the CPU does beside compression counts as its', () => {
  const main = { run: 0.5, wait: 0.2 }
  const { loads } = report({}, { cpu: { main, pool: IDLE, cpus: ALONE } })
  assert.equal(loads.find(({ stage }) => stage === 'compress')?.utilisation, 0.7)
})

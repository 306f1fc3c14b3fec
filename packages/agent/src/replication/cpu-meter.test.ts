import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CpuMeter, readCpuTimes, type ThreadTimes } from './cpu-meter.ts'

test('running and waiting are told apart, per thread of a role', () => {
  let ms = 0
  let threads: ThreadTimes[] = [
    { role: 'main', runNs: 5e9, waitNs: 1e9 },
    { role: 'pool', runNs: 0, waitNs: 0 },
    { role: 'pool', runNs: 0, waitNs: 0 },
  ]
  const meter = new CpuMeter(
    () => ms,
    () => ({ threads, ownMs: ms / 2, busyMs: ms * 1.75 }),
  )
  assert.deepEqual(meter.load().main, { run: 0, wait: 0 })
  ms = 1000
  threads = [
    { role: 'main', runNs: 5.25e9, waitNs: 1.75e9 },
    { role: 'pool', runNs: 1e9, waitNs: 0 },
    { role: 'pool', runNs: 0, waitNs: 0.5e9 },
  ]
  meter.sample()
  assert.deepEqual(meter.load(), {
    main: { run: 0.25, wait: 0.75 },
    pool: { run: 0.5, wait: 0.25 },
    cpus: { own: 0.5, others: 1.25 },
  })
})

test('a kernel that keeps no counts gives none', () => {
  let ms = 0
  const meter = new CpuMeter(
    () => ms++,
    () => ({ threads: [], ownMs: 0, busyMs: 0 }),
  )
  meter.sample()
  assert.deepEqual(meter.load().pool, { run: 0, wait: 0 })
})

test("this kernel's counts grow as the main thread works", () => {
  const main = () => readCpuTimes().threads.find(({ role }) => role === 'main')?.runNs ?? Number.NaN
  const before = main()
  const { busyMs } = readCpuTimes()
  const end = process.cpuUsage().user + 50_000
  while (process.cpuUsage().user < end);
  assert.ok(main() > before)
  assert.ok(readCpuTimes().busyMs > busyMs)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instanceTypeNamed } from './instance-types.ts'
import { createLaunchPlan, hostCut, launchPlanProblems, macAddressOf } from './launch-plan.ts'

const INPUT = {
  instanceID: 'i-0123456789abcdef0',
  name: 'web',
  instanceType: 'm5.xlarge',
  firmware: 'bios',
  disks: [{ deviceName: '/dev/sda', path: '/d.qcow2' }],
  tags: {},
  start: true,
  accelerator: 'tcg',
} as const

test('an instance gets the CPUs and memory of its type', () => {
  const plan = createLaunchPlan(INPUT)
  assert.deepEqual([plan.vcpus, plan.memoryMiB], [4, 16 * 1024])
})

test('a small host gives at most its own CPUs and half of its memory', () => {
  const plan = createLaunchPlan({ ...INPUT, host: { cpus: 2, ramBytes: 8 * 2 ** 30 } })
  assert.deepEqual([plan.vcpus, plan.memoryMiB], [2, 4096])
})

test('what the host gives less than the type has is said with both figures', () => {
  const type = instanceTypeNamed('m5.4xlarge')!
  const cut = hostCut(type, { cpus: 2, ramBytes: 8 * 2 ** 30 })
  assert.match(cut ?? '', /m5\.4xlarge has 16 vCPUs and 65536 MiB.* gives 2 and 4096 MiB/)
  assert.equal(hostCut(type, { cpus: 16, ramBytes: 128 * 2 ** 30 }), undefined)
})

test('every problem of a plan is told, with the facts that contradict each other', () => {
  const withVolume = (volume: object) => ({ ...INPUT.disks[0], volume })
  const disks = [
    withVolume({ volumeType: 'st1', iops: 500 }),
    withVolume({ volumeType: 'io1', throughputMiBPerSecond: 125 }),
    withVolume({ volumeType: 'gp3', iops: 0 }),
    withVolume({ iops: 100 }),
    withVolume({ volumeType: 'gp3', iops: 3000, throughputMiBPerSecond: 125 }),
  ]
  const input = { ...INPUT, instanceType: 'x1.huge', disks }
  const problems = launchPlanProblems(input)
  const expected = [/x1\.huge/, /type st1, .* Iops 500/, /io1, .* Throughput 125/, /Iops 0/, /gp2/]
  assert.equal(problems.length, expected.length)
  for (const [index, words] of expected.entries()) assert.match(problems[index] ?? '', words)
  assert.throws(() => createLaunchPlan(input), { code: 'validation', message: problems.join(' ') })
})

test('Secure Boot is a fact of its own, and never one of BIOS', () => {
  const secureBootOf = (changes: object) => createLaunchPlan({ ...INPUT, ...changes }).secureBoot
  assert.equal(secureBootOf({ firmware: 'uefi' }), false)
  assert.equal(secureBootOf({ firmware: 'uefi', secureBoot: true }), true)
  assert.equal(secureBootOf({ secureBoot: true }), false)
})

test('the network address depends on the instance alone', () => {
  const mac = macAddressOf(INPUT.instanceID)
  assert.match(mac, /^52:54:00(:[0-9a-f]{2}){3}$/)
  assert.equal(createLaunchPlan(INPUT).nics[0]?.mac, mac)
  assert.notEqual(macAddressOf('i-0123456789abcdef1'), mac)
})

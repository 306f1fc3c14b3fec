import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLaunchPlan, macAddressOf } from './launch-plan.ts'

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

test('an unknown type and UEFI are refused with a sentence', () => {
  assert.throws(() => createLaunchPlan({ ...INPUT, instanceType: 'x1.huge' }), /x1\.huge/)
  assert.throws(() => createLaunchPlan({ ...INPUT, firmware: 'uefi' }), /UEFI/)
})

test('the network address depends on the instance alone', () => {
  const mac = macAddressOf(INPUT.instanceID)
  assert.match(mac, /^52:54:00(:[0-9a-f]{2}){3}$/)
  assert.equal(createLaunchPlan(INPUT).nics[0]?.mac, mac)
  assert.notEqual(macAddressOf('i-0123456789abcdef1'), mac)
})

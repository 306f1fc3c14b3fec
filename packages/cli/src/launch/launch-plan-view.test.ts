import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LaunchPlanView } from '@landfall/model'
import { describeLaunchPlan } from './launch-plan-view.ts'

const PLAN: LaunchPlanView = {
  sourceServerID: 's-0123456789abcdef0',
  purpose: 'TEST',
  name: 'shop',
  instanceType: 'c5.large',
  typeReason: 'Right sizing.',
  vcpus: 2,
  memoryMiB: 4096,
  firmware: 'uefi',
  secureBoot: true,
  disks: [
    { deviceName: '/dev/sda', bytes: 2 ** 30, volumeType: 'io2', iopsMax: 500, hasOwnThread: true },
    { deviceName: '/dev/sdb', bytes: 2 ** 31, bytesPerSecondMax: 125 * 2 ** 20 },
  ],
  network: {
    network: { name: 'lan', kind: 'bridge', bridge: 'br0' },
    interfaces: [
      {
        name: 'ens3',
        sourceMacAddress: '00:11:22:33:44:55',
        sourceAddresses: ['192.0.2.10'],
        target: 'DHCP',
      },
    ],
  },
  tags: { Name: 'shop' },
  start: false,
  terminationProtection: true,
  removes: ['i-0123456789abcdef0'],
  notes: [],
  problems: [],
}

test('a plan says everything that the instance will be', () => {
  const text = describeLaunchPlan(PLAN)
  for (const words of [
    /a test instance of s-0123456789abcdef0/,
    /c5\.large: 2 vCPUs, 4\.0 GiB of memory\n +Right sizing\./,
    /UEFI, Secure Boot on/,
    /Afterwards +stopped/,
    /Protected +from termination/,
    /Removes +i-0123456789abcdef0/,
    /^\/dev\/sda +1\.0 GiB +io2 +at most 500 +no limit +its own$/m,
    /^\/dev\/sdb +2\.0 GiB +- +no limit +at most 125 MiB\/s +shared$/m,
    /In the network lan \(bridge br0\)\n.*\nens3 +00:11:22:33:44:55 +192\.0\.2\.10 +DHCP$/m,
    /Nothing would refuse this launch\.$/,
  ]) {
    assert.match(text, words)
  }
})

test('what refuses a launch is listed, a line each', () => {
  const text = describeLaunchPlan({ ...PLAN, problems: ['One.', 'Two.'], notes: ['Small.'] })
  assert.match(text, /Note +Small\.\n\nRefused +One\.\n\nRefused +Two\.$/)
  assert.doesNotMatch(text, /Nothing would refuse/)
})

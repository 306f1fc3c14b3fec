import assert from 'node:assert/strict'
import { test } from 'node:test'
import { XMLParser } from 'fast-xml-parser'
import { createLaunchPlan } from '../launch-plan.ts'
import { disksInMetadata, domainXml, targetName } from './domain-xml.ts'

const HOSTILE = `</title><on_crash>restart</on_crash> "'&<>]]>\u0000\u001b\ud800 Ω`
const FILES = {
  serialLogPath: '/i/serial.log',
  vncSocketPath: '/i/vnc.sock',
  agentSocketPath: '/i/agent.sock',
}
const OWNER = { uid: 990, gid: 980 }

function xmlFor(accelerator: 'kvm' | 'tcg'): string {
  const plan = createLaunchPlan({
    instanceID: 'i-0123456789abcdef0',
    name: HOSTILE,
    instanceType: 't3.nano',
    firmware: 'bios',
    disks: [
      { deviceName: HOSTILE, path: `/d/${HOSTILE.replace('\u0000', '')}` },
      { deviceName: '/dev/sdb', path: '/d/b.qcow2' },
    ],
    tags: { [HOSTILE]: HOSTILE },
    start: true,
    accelerator,
  })
  return domainXml(plan, FILES, OWNER)
}

test('hostile names stay text', () => {
  const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '@' })
  const { domain } = parser.parse(xmlFor('tcg'), true)
  assert.equal(domain.on_crash, 'destroy')
  assert.match(domain.title, /^<\/title><on_crash>restart<\/on_crash> "'&<>\]\]>/)
  assert.equal(domain.devices.disk.length, 2)
})

test('the accelerator decides the type of domain', () => {
  assert.match(xmlFor('tcg'), /<domain type="qemu" /)
  assert.match(xmlFor('tcg'), /<tb-cache unit="MiB">64</)
  assert.match(xmlFor('kvm'), /<domain type="kvm" /)
  assert.doesNotMatch(xmlFor('kvm'), /tb-cache/)
})

test('what is read back from our mark is what was put in', () => {
  const xml = xmlFor('tcg')
  const mark = /<landfall:instance[\s\S]*<\/landfall:instance>/.exec(xml)?.[0] ?? ''
  const disks = disksInMetadata(mark)
  assert.equal(disks[0]?.target, 'vda')
  assert.deepEqual(disks[1], { deviceName: '/dev/sdb', target: 'vdb' })
})

test('disk names count as letters', () => {
  assert.deepEqual([0, 25, 26, 49].map(targetName), ['vda', 'vdz', 'vdaa', 'vdax'])
})

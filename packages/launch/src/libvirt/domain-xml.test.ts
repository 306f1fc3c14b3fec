import assert from 'node:assert/strict'
import { test } from 'node:test'
import { XMLParser } from 'fast-xml-parser'
import { createLaunchPlan } from '../launch-plan.ts'
import { domainXml, type DomainFiles } from './domain-xml.ts'
import { disksInMetadata, targetName } from './disk-xml.ts'

const HOSTILE = `</title><on_crash>restart</on_crash> "'&<>]]>\u0000\u001b\ud800 Ω`
const FILES: DomainFiles = {
  serialLogPath: '/i/serial.log',
  vncSocketPath: '/i/vnc.sock',
  agentSocketPath: '/i/agent.sock',
}
const OWNER = { uid: 990, gid: 980 }

const UEFI = {
  code: '/f/CODE.fd',
  variables: '/f/VARS.fd',
  needsSmm: true,
  variablesPath: '/i/uefi-variables.fd',
}

function xmlFor(accelerator: 'kvm' | 'tcg', files = FILES): string {
  const plan = createLaunchPlan({
    instanceID: 'i-0123456789abcdef0',
    name: HOSTILE,
    instanceType: 't3.nano',
    firmware: files.uefi ? 'uefi' : 'bios',
    disks: [
      { deviceName: HOSTILE, path: `/d/${HOSTILE.replace('\u0000', '')}` },
      {
        deviceName: '/dev/sdb',
        path: '/d/b.qcow2',
        volume: { volumeType: 'io2', iops: 3000 },
      },
      {
        deviceName: '/dev/sdc',
        path: '/d/c.qcow2',
        volume: { volumeType: 'gp3', throughputMiBPerSecond: 125 },
      },
    ],
    tags: { [HOSTILE]: HOSTILE },
    start: true,
    accelerator,
  })
  return domainXml(plan, files, OWNER)
}

test('hostile names stay text', () => {
  const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '@' })
  const { domain } = parser.parse(xmlFor('tcg'), true)
  assert.equal(domain.on_crash, 'destroy')
  assert.match(domain.title, /^<\/title><on_crash>restart<\/on_crash> "'&<>\]\]>/)
  assert.equal(domain.devices.disk.length, 3)
})

test('the accelerator decides the type of domain', () => {
  assert.match(xmlFor('tcg'), /<domain type="qemu" /)
  assert.match(xmlFor('tcg'), /<tb-cache unit="MiB">64</)
  assert.match(xmlFor('kvm'), /<domain type="kvm" /)
  assert.doesNotMatch(xmlFor('kvm'), /tb-cache/)
})

test('UEFI is told with its variables, and with the protection that they need', () => {
  const xml = xmlFor('tcg', { ...FILES, uefi: UEFI })
  assert.match(xml, /machine="q35"/)
  assert.match(xml, /<loader readonly="yes" type="pflash" secure="yes">\/f\/CODE.fd</)
  assert.match(xml, /<nvram template="\/f\/VARS.fd">\/i\/uefi-variables.fd</)
  assert.match(xml, /<smm state="on"/)
  const plain = xmlFor('tcg', { ...FILES, uefi: { ...UEFI, needsSmm: false } })
  assert.match(plain, /secure="no"/)
  assert.doesNotMatch(plain, /smm/)
  assert.match(xmlFor('tcg'), /machine="pc"/)
  assert.doesNotMatch(xmlFor('tcg'), /loader|nvram/)
})

test('a disk has the limits and the thread that its volume asks for, and no other has', () => {
  const xml = xmlFor('tcg')
  assert.match(xml, /<iothreads>1</)
  const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '@' })
  const disks = parser.parse(xml).domain.devices.disk as {
    driver: Record<string, string>
    iotune?: object
  }[]
  assert.deepEqual(
    disks.map(({ driver, iotune }) => [driver['@iothread'], iotune]),
    [
      [undefined, undefined],
      ['1', { total_iops_sec: 3000 }],
      [undefined, { total_bytes_sec: 125 * 2 ** 20 }],
    ],
  )
})

test('what is read back from our mark is what was put in', () => {
  const xml = xmlFor('tcg')
  const mark = /<landfall:instance[\s\S]*<\/landfall:instance>/.exec(xml)?.[0] ?? ''
  const disks = disksInMetadata(mark)
  assert.equal(disks[0]?.target, 'vda')
  assert.deepEqual(disks.slice(1), [
    { deviceName: '/dev/sdb', target: 'vdb', limits: { iopsMax: 3000 }, ioThread: 1 },
    { deviceName: '/dev/sdc', target: 'vdc', limits: { bytesPerSecondMax: 125 * 2 ** 20 } },
  ])
})

test('disk names count as letters', () => {
  assert.deepEqual([0, 25, 26, 49].map(targetName), ['vda', 'vdz', 'vdaa', 'vdax'])
})

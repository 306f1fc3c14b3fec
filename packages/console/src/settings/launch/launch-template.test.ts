import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type LaunchTemplateData,
  readTemplate,
  type TemplateSettings,
  writeTemplate,
} from './launch-template.ts'

const DATA = {
  InstanceType: 't3.small',
  KeyName: 'kept',
  BlockDeviceMappings: [
    { DeviceName: '/dev/sda', Ebs: { VolumeType: 'gp3', Iops: 500, DeleteOnTermination: true } },
  ],
  NetworkInterfaces: [
    { DeviceIndex: 1, SubnetId: 'subnet-2' },
    { DeviceIndex: 0, SubnetId: 'subnet-1', Groups: ['sg-1'] },
  ],
  TagSpecifications: [
    { ResourceType: 'volume', Tags: [{ Key: 'Name', Value: 'web' }] },
    { ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'web' }] },
  ],
}

/** As it is sent. */
function sent(data: LaunchTemplateData, changes: Partial<TemplateSettings>): LaunchTemplateData {
  return JSON.parse(JSON.stringify(writeTemplate(data, changes))) as LaunchTemplateData
}

test('what the template says is read, also for disks that it does not name', () => {
  assert.deepEqual(readTemplate(DATA, ['/dev/sdb']), {
    instanceType: 't3.small',
    subnetID: 'subnet-1',
    volumes: [
      { deviceName: '/dev/sdb', volumeType: '', iops: undefined, throughput: undefined },
      { deviceName: '/dev/sda', volumeType: 'gp3', iops: 500, throughput: undefined },
    ],
    tags: [{ key: 'Name', value: 'web' }],
    isProtected: false,
  })
  assert.deepEqual(readTemplate({}, []).volumes, [])
})

test('a change takes the place of what it is about, and leaves the rest alone', () => {
  assert.deepEqual(sent(DATA, { isProtected: true }), { DisableApiTermination: true })
  assert.deepEqual(sent(DATA, { subnetID: 'subnet-3' }).NetworkInterfaces, [
    { DeviceIndex: 1, SubnetId: 'subnet-2' },
    { DeviceIndex: 0, Groups: ['sg-1'], SubnetId: 'subnet-3' },
  ])
  assert.deepEqual(sent({}, { subnetID: 'subnet-3' }).NetworkInterfaces, [
    { DeviceIndex: 0, SubnetId: 'subnet-3' },
  ])
  assert.deepEqual(sent(DATA, { subnetID: '' }).NetworkInterfaces?.[1], {
    DeviceIndex: 0,
    Groups: ['sg-1'],
  })
})

test('a limit that is taken back is gone from the disk, and its other members stay', () => {
  const [volume] = readTemplate(DATA, []).volumes
  assert.ok(volume)
  const { BlockDeviceMappings } = sent(DATA, {
    volumes: [{ ...volume, iops: undefined, throughput: 200 }],
  })
  assert.deepEqual(BlockDeviceMappings, [
    {
      DeviceName: '/dev/sda',
      Ebs: { DeleteOnTermination: true, VolumeType: 'gp3', Throughput: 200 },
    },
  ])
})

test('tags of volumes stay when those of the instance go', () => {
  const { TagSpecifications } = sent(DATA, { tags: [] })
  assert.deepEqual(TagSpecifications, [DATA.TagSpecifications[0]])
  const tags = [{ key: 'tier', value: 'web' }]
  assert.deepEqual(sent(DATA, { tags }).TagSpecifications?.[0], {
    ResourceType: 'instance',
    Tags: [{ Key: 'tier', Value: 'web' }],
  })
})

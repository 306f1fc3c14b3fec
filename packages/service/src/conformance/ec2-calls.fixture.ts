import assert from 'node:assert/strict'
import { ImageWatch } from '../images/image-watch.ts'
import type { World } from './lifecycle-story.fixture.ts'
import { callersOf } from './service-client.fixture.ts'

/** Valid calls of what EC2 does besides; a line for each operation that comes to be. */
export async function callRestOfEc2(world: World): Promise<void> {
  await callTemplates(world)
  await callInstances(world)
  await callSurroundings(world)
}

const Tags = [{ Key: 'stage', Value: 'test & <more>' }]

/** Everything of a template's data that is kept. */
const DATA = {
  InstanceType: 'm5.large',
  EbsOptimized: true,
  NetworkInterfaces: [
    {
      DeviceIndex: 0,
      AssociatePublicIpAddress: false,
      DeleteOnTermination: true,
      Groups: ['sg-0'],
    },
  ],
  BlockDeviceMappings: [
    { DeviceName: '/dev/sda', Ebs: { VolumeType: 'gp3', Iops: 3000, DeleteOnTermination: true } },
  ],
  TagSpecifications: [{ ResourceType: 'instance', Tags }],
  Monitoring: { Enabled: false },
  Placement: { Tenancy: 'default' },
  UserData: Buffer.from('#!/bin/sh\n').toString('base64'),
}

async function callTemplates({ client }: World): Promise<void> {
  const { ec2 } = callersOf(client)
  const { LaunchTemplate } = await ec2<{ LaunchTemplate: { LaunchTemplateId: string } }>(
    'CreateLaunchTemplate',
    {
      LaunchTemplateName: 'big',
      VersionDescription: 'the first',
      LaunchTemplateData: DATA,
      TagSpecifications: [{ ResourceType: 'launch-template', Tags }],
    },
  )
  const { LaunchTemplateId } = LaunchTemplate
  await ec2('DescribeLaunchTemplates', { LaunchTemplateIds: [LaunchTemplateId] })
  await ec2('DescribeLaunchTemplates', { LaunchTemplateNames: ['big'] })
  await ec2('DescribeLaunchTemplates', {
    Filters: [{ Name: 'tag:stage', Values: ['*'] }],
    MaxResults: 1,
  })
  await ec2('CreateLaunchTemplateVersion', {
    LaunchTemplateName: 'big',
    LaunchTemplateData: { InstanceType: 'r5.large' },
  })
  await ec2('DescribeLaunchTemplateVersions', { LaunchTemplateId, MaxResults: 1 })
  await ec2('DescribeLaunchTemplateVersions', { LaunchTemplateName: 'big', MinVersion: '1' })
  await ec2('DeleteLaunchTemplate', { LaunchTemplateId })
}

async function callInstances({ client, landfall }: World): Promise<void> {
  const { ec2 } = callersOf(client)
  const sourceServerID = await landfall.readyServer()
  await landfall.call('StartTest', { sourceServerIDs: [sourceServerID] })
  await landfall.runJobs()
  const { launchedInstance } = await landfall.server(sourceServerID)
  const InstanceId = launchedInstance?.ec2InstanceID ?? assert.fail('nothing was launched')
  const InstanceIds = [InstanceId]
  await ec2('DescribeInstances', {
    Filters: [{ Name: 'instance-state-name', Values: ['running'] }],
    MaxResults: 5,
  })
  await ec2('GetConsoleOutput', { InstanceId, Latest: true })
  await ec2('GetConsoleScreenshot', { InstanceId })
  await ec2('RebootInstances', { InstanceIds })
  await ec2('StopInstances', { InstanceIds, Force: true })
  await ec2('StartInstances', { InstanceIds })
  await ec2('CreateTags', { Resources: InstanceIds, Tags })
  await ec2('DescribeTags', { Filters: [{ Name: 'key', Values: ['stage'] }], MaxResults: 5 })
  await ec2('DeleteTags', { Resources: InstanceIds, Tags: [{ Key: 'stage' }] })
  for (const Value of [true, false]) {
    await ec2('ModifyInstanceAttribute', { InstanceId, DisableApiTermination: { Value } })
  }
  await ec2('DescribeInstanceAttribute', { InstanceId, Attribute: 'disableApiTermination' })
  await callImages({ client, landfall }, InstanceId)
  await ec2('TerminateInstances', { InstanceIds })
  await ec2('DescribeInstances', { InstanceIds })
}

async function callImages({ client, landfall }: World, InstanceId: string): Promise<void> {
  const { ec2 } = callersOf(client)
  const { ImageId } = await ec2<{ ImageId: string }>('CreateImage', {
    InstanceId,
    Name: "shop's disks (1)",
    Description: 'before the upgrade',
    NoReboot: true,
    TagSpecifications: [{ ResourceType: 'image', Tags }],
  })
  await using watch = new ImageWatch(landfall.dependencies)
  await watch.look()
  await watch.settled()
  await ec2('DescribeImages', { ImageIds: [ImageId], Owners: ['self'] })
  await ec2('DescribeImages', { Filters: [{ Name: 'state', Values: ['available'] }] })
  await ec2('CreateTags', { Resources: [ImageId], Tags })
  await ec2('DeregisterImage', { ImageId })
}

async function callSurroundings({ client }: World): Promise<void> {
  const { ec2 } = callersOf(client)
  await ec2('DescribeInstanceTypes', { InstanceTypes: ['r5.xlarge'] })
  await ec2('DescribeInstanceTypes', { MaxResults: 5 })
  await ec2('DescribeRegions', { RegionNames: ['lf-local-1'] })
  await ec2('DescribeAvailabilityZones', { ZoneNames: ['lf-local-1a'] })
  type Vpcs = { readonly Vpcs: readonly { readonly VpcId: string }[] }
  const { Vpcs } = await ec2<Vpcs>('DescribeVpcs')
  await ec2('DescribeVpcs', { VpcIds: Vpcs.map(({ VpcId }) => VpcId) })
  type Subnets = { readonly Subnets: readonly { readonly SubnetId: string }[] }
  const { Subnets } = await ec2<Subnets>('DescribeSubnets')
  await ec2('DescribeSubnets', { SubnetIds: Subnets.map(({ SubnetId }) => SubnetId) })
  type Groups = { readonly SecurityGroups: readonly { readonly GroupId: string }[] }
  const { SecurityGroups } = await ec2<Groups>('DescribeSecurityGroups', {
    GroupNames: ['default'],
  })
  await ec2('DescribeSecurityGroups', { GroupIds: SecurityGroups.map(({ GroupId }) => GroupId) })
  type Volumes = { readonly Volumes: readonly { readonly VolumeId: string }[] }
  const { Volumes } = await ec2<Volumes>('DescribeVolumes', { MaxResults: 5 })
  await ec2('DescribeVolumes', { VolumeIds: Volumes.map(({ VolumeId }) => VolumeId) })
  type Snapshots = { readonly Snapshots: readonly { readonly SnapshotId: string }[] }
  const { Snapshots } = await ec2<Snapshots>('DescribeSnapshots', { OwnerIds: ['self'] })
  await ec2('DescribeSnapshots', { SnapshotIds: Snapshots.map(({ SnapshotId }) => SnapshotId) })
}

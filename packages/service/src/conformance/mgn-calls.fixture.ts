import assert from 'node:assert/strict'
import { PROPERTIES } from '../test-service.ts'
import type { World } from './lifecycle-story.fixture.ts'
import { callersOf } from './service-client.fixture.ts'

/**
 * Valid calls of MGN's operations that the story of one server has no need of, with every member
 * that says something, in an order that each finds what it is about. Add a line for each operation
 * that comes to be.
 */
export async function callRestOfMgn(world: World): Promise<void> {
  await callTemplates(world)
  await callReplication(world)
  await callGroups(world)
  await callConnectors(world)
  await callActions(world)
  await callLists(world)
}

type Ids = Readonly<Record<string, string>>

const tags = { Name: 'shop', 'a b': '' }

async function callTemplates(world: World): Promise<void> {
  const { mgn } = callersOf(world.client)
  await mgn('InitializeService')
  const { replicationConfigurationTemplateID } = await mgn<Ids>(
    'CreateReplicationConfigurationTemplate',
    {
      stagingAreaSubnetId: 'subnet-0123456789abcdef0',
      associateDefaultSecurityGroup: true,
      replicationServersSecurityGroupsIDs: ['sg-0123456789abcdef0'],
      replicationServerInstanceType: 't3.small',
      useDedicatedReplicationServer: false,
      defaultLargeStagingDiskType: 'GP3',
      ebsEncryption: 'CUSTOM',
      ebsEncryptionKeyArn: 'arn:aws:kms:lf-local-1:123456789012:key/a',
      bandwidthThrottling: 100,
      dataPlaneRouting: 'PRIVATE_IP',
      createPublicIP: false,
      stagingAreaTags: tags,
      useFipsEndpoint: false,
      internetProtocol: 'IPV6',
      storeSnapshotOnLocalZone: true,
      tags,
    },
  )
  const replication = { replicationConfigurationTemplateID }
  await mgn('UpdateReplicationConfigurationTemplate', { ...replication, bandwidthThrottling: 0 })
  await mgn('DescribeReplicationConfigurationTemplates', {
    replicationConfigurationTemplateIDs: [replicationConfigurationTemplateID],
  })
  // Templates go last.
  const { items: jobs } = await mgn<{ items: { jobID: string }[] }>('DescribeJobs')
  for (const { jobID } of jobs) await mgn('DeleteJob', { jobID })
  await mgn('DeleteReplicationConfigurationTemplate', replication)
  const { launchConfigurationTemplateID } = await mgn<Ids>('CreateLaunchConfigurationTemplate', {
    launchDisposition: 'STOPPED',
    targetInstanceTypeRightSizingMethod: 'BASIC',
    copyPrivateIp: true,
    associatePublicIpAddress: true,
    copyTags: true,
    licensing: { osByol: true },
    bootMode: 'UEFI',
    enableMapAutoTagging: true,
    mapAutoTaggingMpeID: 'mpe-1',
    smallVolumeMaxSize: 10,
    smallVolumeConf: { volumeType: 'gp3', iops: 3000, throughput: 125 },
    largeVolumeConf: { volumeType: 'io2', iops: 4000 },
    enableParametersEncryption: false,
    tags,
  })
  const launch = { launchConfigurationTemplateID }
  await mgn('UpdateLaunchConfigurationTemplate', { ...launch, bootMode: 'USE_SOURCE' })
  await mgn('DescribeLaunchConfigurationTemplates', {
    launchConfigurationTemplateIDs: [launchConfigurationTemplateID],
    maxResults: 10,
  })
  await callTemplateActions(world, launchConfigurationTemplateID)
  await mgn('DeleteLaunchConfigurationTemplate', launch)
}

const ACTION = {
  actionName: 'check',
  actionID: 'check0000000000000',
  documentIdentifier: 'Check',
  documentVersion: '1',
  order: 1001,
  active: true,
  timeoutSeconds: 60,
  mustSucceedForCutover: true,
  parameters: { Path: [{ parameterType: 'STRING', parameterName: 'path' }] },
  externalParameters: { Id: { dynamicPath: 'instance.id' } },
  description: 'looks whether all is there',
  category: 'VALIDATION',
}

async function callTemplateActions({ client }: World, id: string | undefined): Promise<void> {
  const { mgn } = callersOf(client)
  const launchConfigurationTemplateID = id
  const { actionID } = ACTION
  await mgn('PutTemplateAction', {
    launchConfigurationTemplateID,
    ...ACTION,
    operatingSystem: 'linux',
  })
  const filters = { actionIDs: [actionID] }
  await mgn('ListTemplateActions', { launchConfigurationTemplateID, filters })
  await mgn('RemoveTemplateAction', { launchConfigurationTemplateID, actionID })
}

async function callReplication({ client, landfall }: World): Promise<void> {
  const { mgn } = callersOf(client)
  const sourceServerID = await landfall.readyServer({ userProvidedID: 'shop-1' })
  const one = { sourceServerID }
  await mgn('UpdateReplicationConfiguration', {
    ...one,
    name: 'shop',
    replicatedDisks: PROPERTIES.disks.map(({ deviceName, isBootDisk }) => ({
      deviceName,
      isBootDisk,
      stagingDiskType: 'GP3',
      iops: 3000,
    })),
  })
  await mgn('UpdateSourceServerReplicationType', { ...one, replicationType: 'AGENT_BASED' })
  await mgn('PauseReplication', one)
  await mgn('ResumeReplication', one)
  await mgn('StopReplication', one)
  await landfall.runJobs()
  await mgn('StartReplication', one)
  await mgn('DisconnectFromService', one)
  await landfall.runJobs()
  const stalled = await landfall.register()
  await landfall.stagingWorks(() => 'the disk is full')
  await mgn('RetryDataReplication', { sourceServerID: stalled })
  const launched = await landfall.readyServer()
  const { job } = await mgn<{ job: { jobID: string } }>('StartTest', {
    sourceServerIDs: [launched],
    tags,
  })
  await landfall.runJobs()
  await mgn('DeleteJob', { jobID: job.jobID })
}

async function callGroups({ client, landfall }: World): Promise<void> {
  const { mgn } = callersOf(client)
  const sourceServerIDs = [await landfall.register()]
  const group = { description: 'sells', tags }
  const { applicationID } = await mgn<Ids>('CreateApplication', { name: 'books', ...group })
  const { waveID } = await mgn<Ids>('CreateWave', { name: 'second', ...group })
  await mgn('UpdateApplication', { applicationID, name: 'library' })
  await mgn('UpdateWave', { waveID, description: 'comes after the first' })
  await mgn('AssociateSourceServers', { applicationID, sourceServerIDs })
  await mgn('AssociateApplications', { waveID, applicationIDs: [applicationID] })
  await mgn('ListApplications', { filters: { applicationIDs: [applicationID], waveIDs: [waveID] } })
  await mgn('ListWaves', { filters: { waveIDs: [waveID], isArchived: false } })
  await mgn('DescribeSourceServers', {
    filters: { sourceServerIDs, applicationIDs: [applicationID] },
  })
  await mgn('DisassociateSourceServers', { applicationID, sourceServerIDs })
  await mgn('ArchiveApplication', { applicationID })
  await mgn('ArchiveWave', { waveID })
  await mgn('UnarchiveWave', { waveID })
  await mgn('UnarchiveApplication', { applicationID })
}

async function callConnectors({ client, landfall }: World): Promise<void> {
  const { mgn } = callersOf(client)
  const sourceServerID = await landfall.register()
  const { connectorID = '', arn } = await mgn<Ids>('CreateConnector', {
    name: 'cellar',
    ssmInstanceID: 'i-0123456789abcdef0',
    ssmCommandConfig: {
      s3OutputEnabled: true,
      outputS3BucketName: 'output',
      cloudWatchOutputEnabled: true,
      cloudWatchLogGroupName: 'output',
    },
    tags,
  })
  await mgn('UpdateConnector', { connectorID, name: 'attic' })
  await mgn('ListConnectors', { filters: { connectorIDs: [connectorID] } })
  const connectorAction = { connectorArn: arn }
  await mgn('UpdateSourceServer', { sourceServerID, connectorAction })
  await mgn('UpdateSourceServer', { sourceServerID, connectorAction: {} })
  await mgn('DeleteConnector', { connectorID })
}

async function callActions({ client, landfall }: World): Promise<void> {
  const { mgn } = callersOf(client)
  const sourceServerID = await landfall.register()
  const { actionID } = ACTION
  await mgn('PutSourceServerAction', { sourceServerID, ...ACTION })
  await mgn('ListSourceServerActions', { sourceServerID, filters: { actionIDs: [actionID] } })
  await mgn('RemoveSourceServerAction', { sourceServerID, actionID })
}

async function callLists({ client }: World): Promise<void> {
  const { mgn } = callersOf(client)
  await mgn('ListManagedAccounts', { maxResults: 1 })
  await mgn('DescribeVcenterClients', { maxResults: 1000 })
  const none = { vcenterClientID: 'vcc-0123456789abcdef0' }
  await assert.rejects(mgn('DeleteVcenterClient', none), /ResourceNotFoundException/)
  await mgn('DescribeSourceServers', { maxResults: 1 })
  await mgn('DescribeJobs', { filters: { fromDate: '2026-01-01T00:00:00Z' }, maxResults: 1 })
}

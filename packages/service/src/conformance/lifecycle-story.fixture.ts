import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { JobView, SourceServerView, TestService as Landfall } from '../test-service.ts'
import { callersOf, type ServiceClient } from './service-client.fixture.ts'

export interface World {
  readonly client: ServiceClient
  /** The agent, the staging area and the runner of jobs, which no client of AWS's is. */
  readonly landfall: Landfall
}

type Items<Item> = { readonly items: readonly Item[] }

const INSTALLATION = 'arn:aws:iam::aws:policy/AWSApplicationMigrationAgentInstallationPolicy'

const DOCUMENT = JSON.stringify({
  schemaVersion: '2.2',
  parameters: { Path: { type: 'String', default: '/' } },
  mainSteps: [
    { action: 'aws:runShellScript', name: 'look', inputs: { runCommand: ['ls {{ Path }}'] } },
  ],
})

/** The life of a source server from its installer's key to the archive, by whichever client. */
export async function tellLifecycle(t: TestContext, world: World): Promise<void> {
  await t.test('a user with the installer policy has a key', () => tellOfInstaller(world))
  const sourceServerID = await world.landfall.readyServer({ tags: { Name: 'shop' } })
  const server = new ServerStory(world, sourceServerID)
  await t.test('settings are read and changed', () => server.settings())
  await t.test('tags come and go', () => server.tags())
  await t.test('what the state forbids is a conflict', () => server.conflicts())
  await t.test('it is put into a wave', () => server.wave())
  await t.test('documents and parameters are kept for it', () => tellOfDocuments(world))
  await t.test('its launch template decides on the instance type', () => server.template())
  await t.test('a test instance is launched, looked at and terminated', () => server.testLaunch())
  await t.test('it is cut over and finalised', () => server.cutover())
  await t.test('it is archived and deleted', () => server.archive())
}

async function tellOfInstaller({ client }: World): Promise<void> {
  const { iam } = callersOf(client)
  const UserName = 'installer'
  await iam('CreateUser', { UserName })
  await iam('AttachUserPolicy', { UserName, PolicyArn: INSTALLATION })
  const { AccessKey: key } = await iam<{
    AccessKey: { AccessKeyId: string; SecretAccessKey: string }
  }>('CreateAccessKey', { UserName })
  const { AccessKeyId } = key
  const installer = callersOf(
    client.as({ accessKeyId: AccessKeyId, secretAccessKey: key.SecretAccessKey }),
  )
  const { Arn } = await installer.sts<{ Arn: string }>('GetCallerIdentity')
  assert.equal(Arn, 'arn:aws:iam::123456789012:user/installer')
  await assert.rejects(installer.mgn('DescribeSourceServers'), /AccessDenied/)
  await assert.rejects(installer.iam('ListUsers'), /AccessDenied/)
  await iam('DetachUserPolicy', { UserName, PolicyArn: INSTALLATION })
  await iam('DeleteAccessKey', { UserName, AccessKeyId })
  await iam('DeleteUser', { UserName })
  await assert.rejects(iam('GetUser', { UserName }), /NoSuchEntity/)
}

async function tellOfDocuments({ client }: World): Promise<void> {
  const { ssm } = callersOf(client)
  const Name = 'Look'
  await ssm('CreateDocument', { Name, Content: DOCUMENT, DocumentType: 'Command' })
  const { Content } = await ssm<{ Content: string }>('GetDocument', { Name })
  assert.equal(Content, DOCUMENT)
  const secret = { Name: 'password', Value: 'hush', Type: 'SecureString' }
  await ssm('PutParameter', secret)
  const { Parameter } = await ssm<{ Parameter: { Value: string } }>('GetParameter', {
    Name: 'password',
    WithDecryption: true,
  })
  assert.equal(Parameter.Value, 'hush')
}

class ServerStory {
  readonly #call: ReturnType<typeof callersOf>
  readonly #landfall: Landfall
  readonly #one: { readonly sourceServerID: string }
  readonly #all: { readonly sourceServerIDs: readonly string[] }

  constructor({ client, landfall }: World, sourceServerID: string) {
    this.#call = callersOf(client)
    this.#landfall = landfall
    this.#one = { sourceServerID }
    this.#all = { sourceServerIDs: [sourceServerID] }
  }

  async settings(): Promise<void> {
    const { mgn } = this.#call
    await mgn('UpdateReplicationConfiguration', { ...this.#one, bandwidthThrottling: 500 })
    const replication = await mgn<{ bandwidthThrottling: number }>(
      'GetReplicationConfiguration',
      this.#one,
    )
    assert.equal(replication.bandwidthThrottling, 500)
    await mgn('UpdateLaunchConfiguration', {
      ...this.#one,
      copyTags: true,
      targetInstanceTypeRightSizingMethod: 'NONE',
    })
    const launch = await mgn<{ copyTags: boolean }>('GetLaunchConfiguration', this.#one)
    assert.equal(launch.copyTags, true)
  }

  async tags(): Promise<void> {
    const { mgn } = this.#call
    const { arn: resourceArn } = await this.#view()
    await mgn('TagResource', { resourceArn, tags: { owner: 'ops', 'a b': 'ä&b=+' } })
    await mgn('UntagResource', { resourceArn, tagKeys: ['owner', 'Name'] })
    const { tags } = await mgn<{ tags: object }>('ListTagsForResource', { resourceArn })
    assert.deepEqual(tags, { 'a b': 'ä&b=+' })
  }

  async conflicts(): Promise<void> {
    const { mgn } = this.#call
    for (const [operation, input] of [
      ['StartCutover', this.#all],
      ['FinalizeCutover', this.#one],
      ['MarkAsArchived', this.#one],
      ['DeleteSourceServer', this.#one],
    ] as const) {
      await assert.rejects(mgn(operation, input), /ConflictException/, operation)
    }
  }

  async wave(): Promise<void> {
    const { mgn } = this.#call
    const { applicationID } = await mgn<{ applicationID: string }>('CreateApplication', {
      name: 'shop',
    })
    const { waveID } = await mgn<{ waveID: string }>('CreateWave', { name: 'first' })
    await mgn('AssociateSourceServers', { applicationID, ...this.#all })
    await mgn('AssociateApplications', { waveID, applicationIDs: [applicationID] })
    const { items: waves } = await mgn<Items<{ waveAggregatedStatus: object }>>('ListWaves')
    assert.partialDeepStrictEqual(waves, [{ waveAggregatedStatus: { totalApplications: 1 } }])
    const filters = { waveIDs: [waveID] }
    const { items } = await mgn<Items<{ name: string }>>('ListApplications', { filters })
    assert.deepEqual(
      items.map(({ name }) => name),
      ['shop'],
    )
    await mgn('DisassociateApplications', { waveID, applicationIDs: [applicationID] })
    await mgn('DisassociateSourceServers', { applicationID, ...this.#all })
    await mgn('DeleteWave', { waveID })
    await mgn('DeleteApplication', { applicationID })
  }

  async template(): Promise<void> {
    const { ec2, mgn } = this.#call
    const { ec2LaunchTemplateID: LaunchTemplateId } = await mgn<{ ec2LaunchTemplateID: string }>(
      'GetLaunchConfiguration',
      this.#one,
    )
    await ec2('CreateLaunchTemplateVersion', {
      LaunchTemplateId,
      SourceVersion: '1',
      LaunchTemplateData: { InstanceType: 'r5.large' },
    })
    await ec2('ModifyLaunchTemplate', { LaunchTemplateId, DefaultVersion: '2' })
    const { LaunchTemplateVersions: versions } = await ec2<{ LaunchTemplateVersions: object[] }>(
      'DescribeLaunchTemplateVersions',
      { LaunchTemplateId, Versions: ['$Default'] },
    )
    const data = { InstanceType: 'r5.large' }
    assert.partialDeepStrictEqual(versions, [{ VersionNumber: 2, LaunchTemplateData: data }])
  }

  async testLaunch(): Promise<void> {
    const { ec2, mgn } = this.#call
    await this.#launch('StartTest', 'TESTING')
    const { launchedInstance } = await this.#view()
    const InstanceIds = [launchedInstance?.ec2InstanceID ?? '']
    const { Reservations } = await ec2<{ Reservations: { Instances: object[] }[] }>(
      'DescribeInstances',
      { InstanceIds },
    )
    assert.partialDeepStrictEqual(Reservations[0]?.Instances, [
      { InstanceType: 'r5.large', State: { Name: 'running' } },
    ])
    const lifeCycle = { state: 'READY_FOR_CUTOVER' }
    await mgn('ChangeServerLifeCycleState', { ...this.#one, lifeCycle })
    await mgn('TerminateTargetInstances', this.#all)
    await this.#landfall.runJobs()
    assert.equal((await this.#view()).launchedInstance, undefined)
  }

  async cutover(): Promise<void> {
    await this.#launch('StartCutover', 'CUTTING_OVER')
    await this.#call.mgn('FinalizeCutover', this.#one)
    await this.#landfall.runJobs()
    const { lifeCycle, dataReplicationInfo } = await this.#view()
    assert.equal(lifeCycle.state, 'CUTOVER')
    assert.equal(dataReplicationInfo.dataReplicationState, 'DISCONNECTED')
  }

  async archive(): Promise<void> {
    const { mgn } = this.#call
    await mgn('MarkAsArchived', this.#one)
    assert.equal((await this.#view()).isArchived, true)
    await mgn('DeleteSourceServer', this.#one)
    assert.deepEqual((await mgn<Items<object>>('DescribeSourceServers')).items, [])
  }

  /** Launches it; the job ends, and its log says so. */
  async #launch(operation: 'StartTest' | 'StartCutover', state: string): Promise<void> {
    const { mgn } = this.#call
    const { job } = await mgn<{ job: JobView }>(operation, this.#all)
    await this.#landfall.runJobs()
    const jobs = await mgn<Items<JobView>>('DescribeJobs', { filters: { jobIDs: [job.jobID] } })
    assert.partialDeepStrictEqual(jobs.items, [
      { status: 'COMPLETED', participatingServers: [{ launchStatus: 'LAUNCHED' }] },
    ])
    const { jobID } = job
    const { items: log } = await mgn<Items<{ event: string }>>('DescribeJobLogItems', { jobID })
    assert.equal(log.at(-1)?.event, 'JOB_END')
    assert.equal((await this.#view()).lifeCycle.state, state)
  }

  async #view(): Promise<SourceServerView> {
    const filters = this.#all
    const { items } = await this.#call.mgn<Items<SourceServerView>>('DescribeSourceServers', {
      filters,
    })
    return items[0] ?? assert.fail('the server is not there')
  }
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InstalledAgent } from './agent.ts'
import { AwsCommandLine } from './aws-command-line.ts'
import { eventually } from './eventually.ts'
import { Installation } from './installation.ts'
import { LoopDisk } from './loop-disk.ts'

/**
 * The life cycle as the AWS command line drives it, on a server whose only disk holds no operating
 * system: conversions must fail, and say so. The launch of a real server is the demo's subject.
 */

const DISK_BYTES = 256 * 1024 * 1024
const JOB_DEADLINE_MS = 900_000

interface SourceServer {
  readonly arn: string
  readonly isArchived: boolean
  readonly lifeCycle: { readonly state: string }
  readonly dataReplicationInfo: { readonly dataReplicationState: string; lagDuration?: string }
  readonly tags: Record<string, string>
}

interface Job {
  readonly jobID: string
  readonly status: string
  readonly participatingServers: readonly { readonly launchStatus: string }[]
}

async function describe(aws: AwsCommandLine, id: string): Promise<SourceServer> {
  const { items } = await aws.mgn<{ items: SourceServer[] }>(
    'describe-source-servers',
    '--filters',
    `sourceServerIDs=${id}`,
  )
  assert.equal(items.length, 1)
  return items[0] as SourceServer
}

async function completed(aws: AwsCommandLine, jobID: string): Promise<Job> {
  return await eventually(`the end of job ${jobID}`, JOB_DEADLINE_MS, async () => {
    const filters = ['--filters', `jobIDs=${jobID}`]
    const { items } = await aws.mgn<{ items: Job[] }>('describe-jobs', ...filters)
    return items.find(({ status }) => status === 'COMPLETED')
  })
}

async function eventsOf(aws: AwsCommandLine, jobID: string): Promise<string[]> {
  const { items } = await aws.mgn<{ items: { event: string }[] }>(
    'describe-job-log-items',
    '--job-id',
    jobID,
  )
  return items.map((item) => item.event)
}

test('the AWS command line drives a server from registration to the archive', async (t) => {
  await using installation = await Installation.start()
  await using disk = await LoopDisk.create(DISK_BYTES)
  await disk.mountExt4()
  const aws = await AwsCommandLine.of(installation)
  await using agent = await InstalledAgent.install(installation, [disk.device])
  const id = agent.sourceServerID
  const one = ['--source-server-id', id]
  const ids = ['--source-server-ids', id]

  await t.test('replication makes it ready for testing', async () => {
    await installation.untilContinuous(id)
    const server = await describe(aws, id)
    assert.equal(server.lifeCycle.state, 'READY_FOR_TEST')
    assert.equal(server.dataReplicationInfo.dataReplicationState, 'CONTINUOUS')
  })

  await t.test('its settings are read and changed', async () => {
    await aws.mgn('update-launch-configuration', ...one, '--no-copy-tags', '--name', 'renamed')
    const launch = await aws.mgn<{ copyTags: boolean; name: string }>(
      'get-launch-configuration',
      ...one,
    )
    assert.deepEqual([launch.copyTags, launch.name], [false, 'renamed'])
    await aws.mgn('update-replication-configuration', ...one, '--bandwidth-throttling', '500')
    const replication = await aws.mgn<{ bandwidthThrottling: number }>(
      'get-replication-configuration',
      ...one,
    )
    assert.equal(replication.bandwidthThrottling, 500)
  })

  await t.test('it is tagged', async () => {
    const { arn } = await describe(aws, id)
    await aws.mgn('tag-resource', '--resource-arn', arn, '--tags', 'owner=ops,stage=test')
    await aws.mgn('untag-resource', '--resource-arn', arn, '--tag-keys', 'stage')
    assert.deepEqual((await describe(aws, id)).tags, { owner: 'ops' })
  })

  await t.test('what the state forbids is a conflict', async () => {
    const forbidden = [
      ['start-cutover', ...ids],
      ['finalize-cutover', ...one],
      ['mark-as-archived', ...one],
      ['delete-source-server', ...one],
    ]
    for (const args of forbidden) await assert.rejects(aws.mgn(...args), /ConflictException/)
  })

  await t.test('a test launch of a disk without a system fails with its cause', async () => {
    const { job } = await aws.mgn<{ job: Job }>('start-test', ...ids)
    assert.equal((await describe(aws, id)).lifeCycle.state, 'TESTING')
    const ended = await completed(aws, job.jobID)
    assert.equal(ended.participatingServers[0]?.launchStatus, 'FAILED')
    const events = await eventsOf(aws, job.jobID)
    for (const event of ['JOB_START', 'SNAPSHOT_END', 'CONVERSION_FAIL', 'JOB_END']) {
      assert.ok(events.includes(event), `${event} is missing in ${events.join(', ')}`)
    }
  })

  await t.test('it is marked ready for cutover, disconnected, cut over and archived', async () => {
    const change = ['change-server-life-cycle-state', ...one, '--life-cycle']
    await aws.mgn(...change, 'state=READY_FOR_CUTOVER')
    await aws.mgn('disconnect-from-service', ...one)
    const disconnected = await describe(aws, id)
    assert.equal(disconnected.lifeCycle.state, 'DISCONNECTED')
    assert.equal(disconnected.dataReplicationInfo.lagDuration, undefined)
    await aws.mgn(...change, 'state=CUTOVER')
    await aws.mgn('mark-as-archived', ...one)
    assert.equal((await describe(aws, id)).isArchived, true)
    await aws.mgn('delete-source-server', ...one)
    const { items } = await aws.mgn<{ items: object[] }>('describe-source-servers')
    assert.deepEqual(items, [])
  })
})

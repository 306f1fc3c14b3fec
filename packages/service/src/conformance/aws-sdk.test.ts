import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import {
  ConflictException,
  DescribeSourceServersCommand,
  ListTagsForResourceCommand,
  paginateDescribeJobs,
  StartTestCommand,
  TagResourceCommand,
  ThrottlingException,
} from '@aws-sdk/client-mgn'
import { LandfallError } from '@landfall/model'
import { startMgnClient } from './aws-sdk.fixture.ts'
import type { OperationGroup } from '../http/operation.ts'

const startClient = (t: TestContext, mgn: NonNullable<OperationGroup['mgn']>) =>
  startMgnClient(t, { mgn })

test('the AWS SDK calls, pages and tags', async (t) => {
  const tags: Record<string, string> = {}
  const { client } = await startClient(t, {
    DescribeSourceServers: async (input: { filters?: { sourceServerIDs?: string[] } }) => ({
      items: input.filters?.sourceServerIDs?.map((sourceServerID) => ({ sourceServerID })),
    }),
    DescribeJobs: async (input: { nextToken?: string }) =>
      input.nextToken === undefined
        ? { items: [{ jobID: '1' }], nextToken: 'more+/= ' }
        : { items: [{ jobID: input.nextToken }] },
    TagResource: async (input: { tags: object }) => Object.assign(tags, input.tags),
    ListTagsForResource: async () => ({ tags }),
  })
  const id = 's-0123456789abcdef0'
  const servers = await client.send(
    new DescribeSourceServersCommand({ filters: { sourceServerIDs: [id] } }),
  )
  assert.deepEqual(servers.items, [{ sourceServerID: id }])
  const jobs: (string | undefined)[] = []
  for await (const page of paginateDescribeJobs({ client }, {})) {
    jobs.push(...(page.items ?? []).map((job) => job.jobID))
  }
  assert.deepEqual(jobs, ['1', 'more+/= '])
  const resourceArn = `arn:aws:mgn:lf-local-1:123456789012:source-server/${id}`
  await client.send(new TagResourceCommand({ resourceArn, tags: { 'a b': 'c' } }))
  const listed = await client.send(new ListTagsForResourceCommand({ resourceArn }))
  assert.deepEqual(listed.tags, { 'a b': 'c' })
})

test('the AWS SDK recognizes our errors with their members', async (t) => {
  let failure = new LandfallError('conflict', 'Two servers are busy', {
    errors: [
      { resourceId: 's-1', resourceType: 'SourceServer', code: 'x', message: 'It is testing' },
    ],
  })
  const { client } = await startClient(t, { StartTest: async () => await Promise.reject(failure) })
  const start = new StartTestCommand({ sourceServerIDs: ['s-0123456789abcdef0'] })
  await assert.rejects(client.send(start), (error) => {
    assert.ok(error instanceof ConflictException)
    assert.equal(error.message, 'Two servers are busy')
    assert.equal(error.errors?.[0]?.message, 'It is testing')
    assert.equal(error.$metadata.httpStatusCode, 409)
    return true
  })
  failure = new LandfallError('throttled', 'Slow down')
  await assert.rejects(client.send(start), (error) => {
    assert.ok(error instanceof ThrottlingException)
    assert.equal(error.retryAfterSeconds, '1')
    return true
  })
})

test('the AWS SDK corrects its clock by ours', async (t) => {
  const { service, client } = await startClient(t, { DescribeJobs: async () => ({ items: [] }) })
  client.config.systemClockOffset = -60 * 60_000
  const call = async () => {
    for await (const page of paginateDescribeJobs({ client }, {})) return page.items
    return undefined
  }
  await assert.rejects(call(), { name: 'InvalidSignatureException' })
  assert.deepEqual(await call(), [], service.log.join())
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aws } from './aws-cli.fixture.ts'
import type { Operation } from '../http/operation.ts'
import { initialize, startTestService } from '../http/test-service.ts'

test('the AWS CLI calls operations, gets their members and nothing else', async (t) => {
  const inputs: object[] = []
  const describe: Operation = async (input: object) => {
    inputs.push(input)
    return { items: [{ sourceServerID: 's-1', internal: 'hidden' }], nextToken: undefined }
  }
  const service = await startTestService(t, { mgn: { DescribeSourceServers: describe } })
  const answer = await aws(service, [
    'mgn',
    'describe-source-servers',
    '--filters',
    '{"isArchived": false}',
  ])
  assert.deepEqual(answer, { items: [{ sourceServerID: 's-1' }] })
  assert.deepEqual(inputs, [{ filters: { isArchived: false } }])
})

test('the AWS CLI initializes the service, and before that is told to', async (t) => {
  const mgn: Record<string, Operation> = {
    DescribeJobs: async () => ({ items: [] }),
    InitializeService: async () => {
      await initialize(service.db)
      return {}
    },
  }
  const service = await startTestService(t, { mgn }, { initialized: false })
  await assert.rejects(
    aws(service, ['mgn', 'describe-jobs']),
    /UninitializedAccountException.*initialize-service/s,
  )
  assert.equal(await aws(service, ['mgn', 'initialize-service']), undefined)
  assert.deepEqual(await aws(service, ['mgn', 'describe-jobs']), { items: [] })
})

test('tags travel by the ARN in the path and keys in the query', async (t) => {
  const calls: [string, object][] = []
  const record = (name: string, output: object) => async (input: object) => {
    calls.push([name, input])
    return output
  }
  const service = await startTestService(t, {
    mgn: {
      TagResource: record('tag', {}),
      UntagResource: record('untag', {}),
      ListTagsForResource: record('list', { tags: { a: 'b', 'sensitive key': '' } }),
    },
  })
  const resourceArn = 'arn:aws:mgn:lf-local-1:123456789012:source-server/s-0123456789abcdef0'
  const arn = ['--resource-arn', resourceArn]
  await aws(service, ['mgn', 'tag-resource', ...arn, '--tags', '{"a": "b", "c d": "é/%"}'])
  await aws(service, ['mgn', 'untag-resource', ...arn, '--tag-keys', 'c d', 'ä&b=+'])
  assert.deepEqual(await aws(service, ['mgn', 'list-tags-for-resource', ...arn]), {
    tags: { a: 'b', 'sensitive key': '' },
  })
  assert.deepEqual(calls, [
    ['tag', { resourceArn, tags: { a: 'b', 'c d': 'é/%' } }],
    ['untag', { resourceArn, tagKeys: ['c d', 'ä&b=+'] }],
    ['list', { resourceArn }],
  ])
})

test('the AWS CLI makes a user whose policy limits what it may call', async (t) => {
  const service = await startTestService(t, {
    mgn: { DescribeJobs: async () => ({ items: [] }), StartTest: async () => assert.fail() },
  })
  const identity = await aws<{ Arn: string }>(service, ['sts', 'get-caller-identity'])
  assert.equal(identity.Arn, 'arn:aws:iam::123456789012:user/administrator')

  const createUser = ['iam', 'create-user', '--user-name', 'ann']
  const created = await aws<{ User: { Arn: string } }>(service, createUser)
  assert.equal(created.User.Arn, 'arn:aws:iam::123456789012:user/ann')
  await assert.rejects(
    aws(service, ['iam', 'create-user', '--user-name', 'Ann']),
    /EntityAlreadyExists/,
  )
  const policy = 'arn:aws:iam::aws:policy/AWSApplicationMigrationReadOnlyAccess'
  const attach = ['iam', 'attach-user-policy', '--user-name', 'ann', '--policy-arn']
  await aws(service, [...attach, policy])
  await assert.rejects(aws(service, [...attach, 'arn:aws:iam::aws:policy/Nope']), /NoSuchEntity/)
  const createKey = ['iam', 'create-access-key', '--user-name', 'ann']
  type Key = { AccessKeyId: string; SecretAccessKey: string }
  const { AccessKey: key } = await aws<{ AccessKey: Key }>(service, createKey)
  await aws(service, createKey)
  await assert.rejects(aws(service, createKey), /LimitExceeded/)

  const ann = { accessKeyId: key.AccessKeyId, secretAccessKey: key.SecretAccessKey }
  assert.deepEqual(await aws(service, ['mgn', 'describe-jobs'], ann), { items: [] })
  const start = ['mgn', 'start-test', '--source-server-ids', 's-0123456789abcdef0']
  await assert.rejects(
    aws(service, start, ann),
    /AccessDeniedException.*user\/ann is not authorized to perform: mgn:StartTest/s,
  )
  await assert.rejects(aws(service, ['iam', 'list-users'], ann), /AccessDenied.*iam:ListUsers/s)

  const keyArgs = ['--user-name', 'ann', '--access-key-id', key.AccessKeyId]
  await aws(service, ['iam', 'update-access-key', ...keyArgs, '--status', 'Inactive'])
  await assert.rejects(aws(service, ['mgn', 'describe-jobs'], ann), /UnrecognizedClientException/)
  await assert.rejects(aws(service, ['iam', 'delete-user', '--user-name', 'ann']), /DeleteConflict/)
  const listKeys = ['iam', 'list-access-keys', '--user-name', 'ann']
  const keys = await aws<{ AccessKeyMetadata: Key[] }>(service, listKeys)
  for (const { AccessKeyId } of keys.AccessKeyMetadata) {
    const args = ['--user-name', 'ann', '--access-key-id', AccessKeyId]
    await aws(service, ['iam', 'delete-access-key', ...args])
  }
  await aws(service, ['iam', 'detach-user-policy', '--user-name', 'ann', '--policy-arn', policy])
  await aws(service, ['iam', 'delete-user', '--user-name', 'ann'])
  const { Users } = await aws<{ Users: object[] }>(service, ['iam', 'list-users'])
  assert.equal(Users.length, 1)
  await assert.rejects(aws(service, ['iam', 'get-user', '--user-name', 'ann']), /NoSuchEntity/)
})

test('the AWS CLI with a wrong secret or an unknown key is refused in both protocols', async (t) => {
  const service = await startTestService(t, {})
  const wrong = { secretAccessKey: 'x'.repeat(40) }
  const unknown = { accessKeyId: 'AKIAAAAAAAAAAAAAAAAA' }
  const describe = ['mgn', 'describe-jobs']
  const listUsers = ['iam', 'list-users']
  await assert.rejects(aws(service, describe, wrong), /InvalidSignatureException/)
  await assert.rejects(aws(service, describe, unknown), /UnrecognizedClientException/)
  await assert.rejects(aws(service, listUsers, wrong), /SignatureDoesNotMatch/)
  await assert.rejects(aws(service, listUsers, unknown), /InvalidClientTokenId/)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSecretBox } from '../identity/secret-box.ts'
import { createSession } from '../identity/sessions.ts'
import { aws } from './aws-cli.fixture.ts'
import { startTestService, type TestService } from '../http/test-service.ts'

interface Key {
  readonly AccessKeyId: string
  readonly SecretAccessKey: string
  readonly SessionToken?: string
}

const credentialsOf = ({ AccessKeyId, SecretAccessKey, SessionToken }: Key) => ({
  accessKeyId: AccessKeyId,
  secretAccessKey: SecretAccessKey,
  ...(SessionToken !== undefined && { sessionToken: SessionToken }),
})

const policyOf = (effect: 'Allow' | 'Deny', action: string, resource = '*') =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: effect, Action: action, Resource: resource },
  })

/** A user with a key and no policies. */
async function userWithKey(service: TestService, name: string) {
  await aws(service, ['iam', 'create-user', '--user-name', name])
  const answer = await aws<{ AccessKey: Key }>(service, [
    ...['iam', 'create-access-key', '--user-name', name],
  ])
  return credentialsOf(answer.AccessKey)
}

const jobs = { mgn: { DescribeJobs: async () => ({ items: [] }) } }

test('customer and inline policies decide, explicit deny first', async (t) => {
  const service = await startTestService(t, jobs)
  const ann = await userWithKey(service, 'ann')
  const describe = () => aws(service, ['mgn', 'describe-jobs'], ann)
  await assert.rejects(describe(), /AccessDenied/)

  const create = (name: string, document: string) =>
    aws<{ Policy: { Arn: string; AttachmentCount: number } }>(service, [
      ...['iam', 'create-policy', '--policy-name', name, '--policy-document', document],
    ])
  const { Policy } = await create('Look', policyOf('Allow', 'mgn:Describe*'))
  assert.equal(Policy.Arn, 'arn:aws:iam::123456789012:policy/Look')
  await assert.rejects(create('look', policyOf('Allow', '*')), /EntityAlreadyExists/)
  await assert.rejects(create('Bad', '{"Statement": {}}'), /MalformedPolicyDocument.*Effect/s)
  const attachment = ['--user-name', 'ann', '--policy-arn', Policy.Arn]
  await aws(service, ['iam', 'attach-user-policy', ...attachment])
  assert.deepEqual(await describe(), { items: [] })
  await assert.rejects(
    aws(service, ['iam', 'delete-policy', '--policy-arn', Policy.Arn]),
    /DeleteConflict.*detach/s,
  )
  const version = await aws<{ PolicyVersion: { Document: object } }>(service, [
    ...['iam', 'get-policy-version', '--policy-arn', Policy.Arn, '--version-id', 'v1'],
  ])
  assert.deepEqual(version.PolicyVersion.Document, JSON.parse(policyOf('Allow', 'mgn:Describe*')))
  const local = await aws<{ Policies: { AttachmentCount: number }[] }>(service, [
    ...['iam', 'list-policies', '--scope', 'Local'],
  ])
  assert.deepEqual(
    local.Policies.map((policy) => policy.AttachmentCount),
    [1],
  )

  const inline = ['--user-name', 'ann', '--policy-name', 'No jobs']
  const document = policyOf('Deny', 'mgn:DescribeJobs')
  await assert.rejects(
    aws(service, ['iam', 'put-user-policy', ...inline, '--policy-document', document]),
    /ValidationError/, // Names have no blanks.
  )
  inline[3] = 'NoJobs'
  await aws(service, ['iam', 'put-user-policy', ...inline, '--policy-document', document])
  await assert.rejects(describe(), /explicit deny/)
  const shown = await aws<{ PolicyDocument: object }>(service, [
    ...['iam', 'get-user-policy', ...inline],
  ])
  assert.deepEqual(shown.PolicyDocument, JSON.parse(document))
  await assert.rejects(aws(service, ['iam', 'delete-user', '--user-name', 'ann']), /DeleteConflict/)
  const simulation = await aws<{ EvaluationResults: { EvalDecision: string }[] }>(service, [
    ...['iam', 'simulate-principal-policy'],
    ...['--policy-source-arn', 'arn:aws:iam::123456789012:user/ann'],
    ...['--action-names', 'mgn:DescribeJobs', 'mgn:DescribeSourceServers', 'mgn:StartTest'],
  ])
  assert.deepEqual(
    simulation.EvaluationResults.map((result) => result.EvalDecision),
    ['explicitDeny', 'allowed', 'implicitDeny'],
  )
  await aws(service, ['iam', 'delete-user-policy', ...inline])
  await aws(service, ['iam', 'detach-user-policy', ...attachment])
  await aws(service, ['iam', 'delete-policy', '--policy-arn', Policy.Arn])
  const used = await aws<{ UserName: string; AccessKeyLastUsed: { ServiceName: string } }>(
    service,
    ['iam', 'get-access-key-last-used', '--access-key-id', ann.accessKeyId],
  )
  assert.deepEqual([used.UserName, used.AccessKeyLastUsed.ServiceName], ['ann', 'mgn'])
  await aws(service, [
    ...['iam', 'update-user', '--user-name', 'ann', '--new-user-name', 'anna'],
    ...['--new-path', '/team/'],
  ])
  const who = await aws<{ Arn: string }>(service, ['sts', 'get-caller-identity'], ann)
  assert.equal(who.Arn, 'arn:aws:iam::123456789012:user/team/anna')
})

test('temporary credentials do what their user, role and policies allow, and expire', async (t) => {
  const service = await startTestService(t, jobs)
  const describe = (credentials: object) => aws(service, ['mgn', 'describe-jobs'], credentials)
  type Answer = { Credentials: Key }
  const { Credentials: own } = await aws<Answer>(service, ['sts', 'get-session-token'])
  assert.deepEqual(await describe(credentialsOf(own)), { items: [] })
  await assert.rejects(
    aws(service, ['iam', 'list-users'], credentialsOf(own)),
    /IAM cannot be called with a session/,
  )
  await assert.rejects(
    describe({ ...credentialsOf(own), sessionToken: `x${own.SessionToken}` }),
    /UnrecognizedClientException/,
  )
  const role = 'arn:aws:iam::123456789012:role/service-role/AWSApplicationMigrationAgentRole'
  const assume = ['sts', 'assume-role', '--role-session-name', 'night', '--role-arn']
  const assumed = await aws<Answer>(service, [...assume, role, '--source-identity', 's-1'])
  const credentials = credentialsOf(assumed.Credentials)
  const who = await aws<{ Arn: string }>(service, ['sts', 'get-caller-identity'], credentials)
  assert.match(who.Arn, /:assumed-role\/AWSApplicationMigrationAgentRole\/night$/)
  await assert.rejects(describe(credentials), /AccessDenied.*mgn:DescribeJobs/s)
  await assert.rejects(aws(service, [...assume, `${role}X`]), /AccessDenied.*no such role/s)
  const ann = await userWithKey(service, 'ann')
  await assert.rejects(aws(service, [...assume, role], ann), /AccessDenied.*sts:AssumeRole/s)
  const expired = createSession(createSecretBox(new Uint8Array(32)), {
    userID: 'AIDA',
    policies: [],
    expiresAt: new Date(Date.now() - 1000),
  })
  await assert.rejects(describe(expired), /UnrecognizedClientException/) // No such user.
})

import type { World } from './lifecycle-story.fixture.ts'
import { callersOf } from './service-client.fixture.ts'
import { callCommands } from './ssm-command-calls.fixture.ts'

/** Valid calls of what IAM, STS and SSM do besides; a line for each operation that comes to be. */
export async function callRestOfAccount(world: World): Promise<void> {
  await callUsers(world)
  await callPolicies(world)
  await callSessions(world)
  await callDocuments(world)
  await callParameters(world)
  await callCommands(world)
}

const POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'mgn:Describe*', Resource: '*' }],
})

const AWS_POLICY = 'arn:aws:iam::aws:policy/AWSApplicationMigrationReadOnlyAccess'

async function callUsers({ client }: World): Promise<void> {
  const { iam } = callersOf(client)
  const UserName = 'ann'
  await iam('CreateUser', { UserName, Path: '/team/' })
  await iam('GetUser', { UserName })
  await iam('ListUsers', { PathPrefix: '/', MaxItems: 1 })
  const { AccessKey } = await iam<{ AccessKey: { AccessKeyId: string } }>('CreateAccessKey', {
    UserName,
  })
  const { AccessKeyId } = AccessKey
  await iam('ListAccessKeys', { UserName })
  await iam('GetAccessKeyLastUsed', { AccessKeyId })
  await iam('UpdateAccessKey', { UserName, AccessKeyId, Status: 'Inactive' })
  const inline = { UserName, PolicyName: 'look' }
  await iam('PutUserPolicy', { ...inline, PolicyDocument: POLICY })
  await iam('GetUserPolicy', inline)
  await iam('ListUserPolicies', { UserName })
  await iam('DeleteUserPolicy', inline)
  await iam('DeleteAccessKey', { UserName, AccessKeyId })
  await iam('UpdateUser', { UserName, NewUserName: 'anna', NewPath: '/' })
}

async function callPolicies({ client }: World): Promise<void> {
  const { iam } = callersOf(client)
  const { Policy } = await iam<{ Policy: { Arn: string } }>('CreatePolicy', {
    PolicyName: 'Look',
    Path: '/team/',
    PolicyDocument: POLICY,
    Description: 'May look',
  })
  const { Arn: PolicyArn } = Policy
  await iam('GetPolicy', { PolicyArn })
  await iam('GetPolicy', { PolicyArn: AWS_POLICY })
  await iam('GetPolicyVersion', { PolicyArn, VersionId: 'v1' })
  await iam('ListPolicyVersions', { PolicyArn })
  await iam('ListPolicyVersions', { PolicyArn: AWS_POLICY })
  const UserName = 'anna'
  await iam('AttachUserPolicy', { UserName, PolicyArn })
  await iam('ListPolicies', { MaxItems: 2 })
  await iam('ListPolicies', { Scope: 'Local', OnlyAttached: true })
  await iam('ListAttachedUserPolicies', { UserName })
  await iam('SimulatePrincipalPolicy', {
    PolicySourceArn: `arn:aws:iam::123456789012:user/${UserName}`,
    ActionNames: ['mgn:DescribeJobs', 'mgn:StartTest'],
    ResourceArns: ['*'],
  })
  await iam('DetachUserPolicy', { UserName, PolicyArn })
  await iam('DeletePolicy', { PolicyArn })
}

async function callSessions({ client }: World): Promise<void> {
  const { sts } = callersOf(client)
  await sts('GetSessionToken', { DurationSeconds: 900 })
  await sts('AssumeRole', {
    RoleArn: 'arn:aws:iam::123456789012:role/service-role/AWSApplicationMigrationAgentRole',
    RoleSessionName: 'night',
    SourceIdentity: 's-1',
    PolicyArns: [{ arn: AWS_POLICY }],
  })
}

async function callDocuments({ client }: World): Promise<void> {
  const { ssm } = callersOf(client)
  const Name = 'Check'
  const contentOf = (description: string) =>
    JSON.stringify({
      schemaVersion: '2.2',
      description,
      parameters: { Path: { type: 'StringList', default: ['/'], description: 'Where' } },
      mainSteps: [
        { action: 'aws:runShellScript', name: 'look', inputs: { runCommand: ['ls {{ Path }}'] } },
      ],
    })
  await ssm('CreateDocument', {
    Name,
    Content: contentOf('first'),
    DocumentType: 'Command',
    DocumentFormat: 'JSON',
    TargetType: '/AWS::EC2::Instance',
    VersionName: 'one',
    DisplayName: 'Looks',
    Tags: [{ Key: 'a', Value: 'b' }],
  })
  const latest = { Name, DocumentVersion: '$LATEST' }
  await ssm('UpdateDocument', { ...latest, Content: contentOf('second') })
  const DocumentVersion = '2'
  await ssm('GetDocument', { Name, DocumentVersion })
  await ssm('DescribeDocument', { Name, DocumentVersion: '1' })
  await ssm('ListDocumentVersions', { Name, MaxResults: 1 })
  await ssm('ListDocuments', { Filters: [{ Key: 'Owner', Values: ['Self'] }], MaxResults: 1 })
  await ssm('UpdateDocumentDefaultVersion', { Name, DocumentVersion })
  await ssm('DeleteDocument', { Name, DocumentVersion: '1' })
  await ssm('DeleteDocument', { Name })
}

async function callParameters({ client }: World): Promise<void> {
  const { ssm } = callersOf(client)
  const Name = '/shop/path'
  const Tags = [{ Key: 'a', Value: 'b' }]
  await ssm('PutParameter', { Name, Value: '/', Type: 'String', Description: 'Where', Tags })
  await ssm('GetParameter', { Name: `${Name}:1` })
  await ssm('GetParameters', { Names: [Name, 'password'], WithDecryption: true })
  await ssm('DescribeParameters', {
    ParameterFilters: [{ Key: 'Name', Option: 'BeginsWith', Values: ['/shop'] }],
    MaxResults: 10,
  })
  await ssm('DeleteParameter', { Name })
}

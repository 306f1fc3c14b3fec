import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  allowedActions,
  everyCall,
} from '../packages/service/src/conformance/every-call.fixture.ts'
import { TestService } from '../packages/service/src/test-service.ts'
import { InstalledAgent } from './agent.ts'
import { AwsCommandLine } from './aws-command-line.ts'
import { Installation } from './installation.ts'
import { LoopDisk } from './loop-disk.ts'

const DISK_BYTES = 64 * 1024 * 1024

const POLICY = 'arn:aws:iam::aws:policy/AWSApplicationMigrationAgentInstallationPolicy'

/** What an installer calls, and what everybody with a key may ask: who they are. */
const ALLOWED = [
  'mgn:GetAgentInstallationAssetsForMgn',
  'mgn:IssueClientCertificateForMgn',
  'mgn:RegisterAgentForMgn',
  'mgn:VerifyClientRoleForMgn',
  'sts:GetCallerIdentity',
  'sts:GetSessionToken',
]

test('a key made with the AWS command line installs an agent, and can do nothing else', async (t) => {
  await using installation = await Installation.start()
  await using disk = await LoopDisk.create(DISK_BYTES)
  await disk.mountExt4()
  const aws = await AwsCommandLine.of(installation)
  const user = ['--user-name', 'installer']
  await aws.call('iam', 'create-user', ...user)
  await aws.call('iam', 'attach-user-policy', ...user, '--policy-arn', POLICY)
  const { AccessKey } = await aws.call<{
    AccessKey: { AccessKeyId: string; SecretAccessKey: string }
  }>('iam', 'create-access-key', ...user)
  const key = { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey }

  await using agent = await InstalledAgent.install(installation, [disk.device], key)
  await installation.untilContinuous(agent.sourceServerID)

  const installer = aws.as(key)
  const who = await installer.call<{ Arn: string }>('sts', 'get-caller-identity')
  assert.match(who.Arn, /:user\/installer$/)
  for (const command of [
    ['mgn', 'describe-source-servers'],
    ['mgn', 'start-test', '--source-server-ids', agent.sourceServerID],
    ['iam', 'list-users'],
    ['ssm', 'list-documents'],
  ]) {
    await assert.rejects(installer.call(...command), /AccessDenied/, command.join(' '))
  }
  await assert.rejects(installer.call('ec2', 'describe-instances'), /UnauthorizedOperation/)

  const { arn = '' } = await installation.sourceServer(agent.sourceServerID)
  const { operations } = new TestService({ db: undefined as never })
  const calls = everyCall(operations, arn)
  const { endpoint: url, port, caFile } = installation
  const allowed = await allowedActions({ url, port, caFile }, key, calls)
  assert.deepEqual(allowed.toSorted(), ALLOWED)
  t.diagnostic(`${calls.length} operations`)
  await installation.untilContinuous(agent.sourceServerID)
})

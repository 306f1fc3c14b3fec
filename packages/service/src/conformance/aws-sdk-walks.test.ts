import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestService as Landfall } from '../test-service.ts'
import { implemented } from './every-operation.fixture.ts'
import { callImportsAndExports } from './import-export-calls.fixture.ts'
import { ImageWatch } from '../images/image-watch.ts'
import { startLandfall } from './landfall.fixture.ts'
import { SdkClient } from './sdk-client.fixture.ts'
import { callCommands } from './ssm-command-calls.fixture.ts'
import { callersOf, MODELS, operationOf, type ServiceName } from './service-client.fixture.ts'

/** Lists of which there is never more than one page. */
const SHORT: ReadonlySet<string> = new Set([
  'DescribeVcenterClients',
  'ListExportErrors',
  'ListManagedAccounts',
  'DescribeVpcs',
  'DescribeSecurityGroups',
  'ListPolicyVersions',
])

const UserName = 'ann'
const POLICIES = ['AWSApplicationMigrationReadOnlyAccess', 'AWSApplicationMigrationFullAccess']
const POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
})

/** Makes two of everything that is listed; the inputs of lists that need one, by operation. */
async function fill(
  client: SdkClient,
  landfall: Landfall,
): Promise<Readonly<Record<string, object>>> {
  const { mgn, ec2, iam } = callersOf(client)
  await mgn('CreateReplicationConfigurationTemplate', {
    ...(await mgn<{ items: object[] }>('DescribeReplicationConfigurationTemplates')).items[0],
  })
  type Id = Readonly<Record<string, string>>
  const { launchConfigurationTemplateID } = await mgn<Id>('CreateLaunchConfigurationTemplate')
  const servers = [await landfall.readyServer(), await landfall.readyServer()]
  const [sourceServerID = ''] = servers
  const { job } = await mgn<{ job: { jobID: string } }>('StartTest', {
    sourceServerIDs: [sourceServerID],
  })
  await mgn('StartTest', { sourceServerIDs: servers.slice(1) })
  await landfall.runJobs()
  for (const [index, name] of ['b', 'A'].entries()) {
    await mgn('CreateApplication', { name })
    await mgn('CreateWave', { name })
    await mgn('CreateConnector', { name, ssmInstanceID: 'i-0123456789abcdef0' })
    const order = 1001 + index
    const action = { actionID: name, actionName: name, documentIdentifier: `check-${name}`, order }
    await mgn('PutSourceServerAction', { sourceServerID, ...action })
    await mgn('PutTemplateAction', { launchConfigurationTemplateID, ...action })
  }
  const { launchedInstance } = await landfall.server(sourceServerID)
  const InstanceId = launchedInstance?.ec2InstanceID
  for (const Name of ['one', 'two']) await ec2('CreateImage', { InstanceId, Name })
  const { ec2LaunchTemplateID: LaunchTemplateId } = await mgn<Id>('GetLaunchConfiguration', {
    sourceServerID,
  })
  await ec2('CreateLaunchTemplateVersion', {
    LaunchTemplateId,
    LaunchTemplateData: { InstanceType: 'm5.large' },
  })
  await iam('CreateUser', { UserName })
  await iam('CreateUser', { UserName: 'Bob' })
  for (const name of POLICIES) {
    await iam('CreateAccessKey', { UserName })
    await iam('AttachUserPolicy', { UserName, PolicyArn: `arn:aws:iam::aws:policy/${name}` })
    await iam('PutUserPolicy', { UserName, PolicyName: name, PolicyDocument: POLICY })
  }
  await fillSsm(client)
  const { CommandId } = await callCommands({ client, landfall })
  const { importID, exportID } = await callImportsAndExports({ client, landfall })
  return {
    ListImportErrors: { importID },
    ListExportErrors: { exportID },
    DescribeJobLogItems: { jobID: job.jobID },
    ListSourceServerActions: { sourceServerID },
    ListTemplateActions: { launchConfigurationTemplateID },
    DescribeLaunchTemplateVersions: { Versions: ['$Latest', '$Default'] },
    ListAccessKeys: { UserName },
    ListAttachedUserPolicies: { UserName },
    ListPolicyVersions: { PolicyArn: `arn:aws:iam::aws:policy/${POLICIES[0]}` },
    ListUserPolicies: { UserName },
    SimulatePrincipalPolicy: {
      PolicySourceArn: `arn:aws:iam::123456789012:user/${UserName}`,
      ActionNames: Array.from({ length: 12 }, (_, index) => `mgn:Operation${index}`),
    },
    ListDocumentVersions: { Name: 'two' },
    ListCommandInvocations: { CommandId },
  }
}

async function fillSsm(client: SdkClient): Promise<void> {
  const { ssm } = callersOf(client)
  const contentOf = (command: string) =>
    JSON.stringify({
      schemaVersion: '2.2',
      mainSteps: [{ action: 'aws:runShellScript', name: 'run', inputs: { runCommand: [command] } }],
    })
  for (const Name of ['one', 'two']) {
    await ssm('CreateDocument', { Name, Content: contentOf('ls'), DocumentType: 'Command' })
    await ssm('PutParameter', { Name, Value: 'x', Type: 'String' })
  }
  await ssm('UpdateDocument', { Name: 'two', Content: contentOf('id'), DocumentVersion: '$LATEST' })
}

/** The smallest page that the service gives. */
function pageSizeOf(service: ServiceName, operation: string): number {
  const { shapes } = MODELS[service]
  const { members = {} } = shapes[operationOf(service, operation).input!]!
  const member = members['maxResults'] ?? members['MaxResults'] ?? members['MaxItems']
  return shapes[member?.shape ?? '']?.min ?? 1
}

/** What changes from one look to the next. */
const TIMES = /P\d+DT[\dHMS]*|"lastUpdateDateTime":"[^"]*"/g

/** The items of a page as texts. */
function itemsOf(page: object): string[] {
  const items = Object.values(page).find((value): value is unknown[] => Array.isArray(value)) ?? []
  return items.map((item) => JSON.stringify(item).replaceAll(TIMES, ''))
}

test("the SDK's paginators walk every list without a gap or a repeat", async (t) => {
  const { service, landfall } = await startLandfall(t)
  const client = await SdkClient.of(t, service)
  const inputs = await fill(client, landfall)
  for (const [of, operation] of implemented()) {
    const paginate = client.paginator(of, operation)
    if (paginate === undefined) continue
    const input = inputs[operation] ?? {}
    const pages: string[][] = []
    for await (const page of paginate(input, pageSizeOf(of, operation))) pages.push(itemsOf(page))
    assert.deepEqual(pages.flat(), itemsOf(await client.call(of, operation, input)), operation)
    assert.equal(pages.length > 1, !SHORT.has(operation), `${operation}: ${pages.length} pages`)
  }
})

test("the SDK's waiters see what there is, and instances change", async (t) => {
  const { service, landfall } = await startLandfall(t)
  const client = await SdkClient.of(t, service)
  const { ec2, iam } = callersOf(client)
  const id = await landfall.readyServer()
  await landfall.call('StartTest', { sourceServerIDs: [id] })
  await landfall.runJobs()
  const { launchedInstance } = await landfall.server(id)
  const InstanceId = launchedInstance?.ec2InstanceID
  const instance = { InstanceIds: [InstanceId] }
  await client.waitUntil('ec2', 'InstanceExists', instance)
  await client.waitUntil('ec2', 'InstanceRunning', instance)
  const { ImageId } = await ec2<{ ImageId: string }>('CreateImage', { InstanceId, Name: 'one' })
  const image = { ImageIds: [ImageId] }
  await client.waitUntil('ec2', 'ImageExists', image)
  await using watch = new ImageWatch(landfall.dependencies)
  await watch.look()
  await client.waitUntil('ec2', 'ImageAvailable', image)
  await ec2('StopInstances', { ...instance, Force: true })
  await client.waitUntil('ec2', 'InstanceStopped', instance)
  await ec2('TerminateInstances', instance)
  await client.waitUntil('ec2', 'InstanceTerminated', instance)
  for (const what of ['SnapshotCompleted', 'VolumeInUse', 'VpcAvailable', 'SubnetAvailable']) {
    await client.waitUntil('ec2', what, {})
  }
  await iam('CreateUser', { UserName })
  await client.waitUntil('iam', 'UserExists', { UserName })
  const PolicyArn = `arn:aws:iam::aws:policy/${POLICIES[0]}`
  await client.waitUntil('iam', 'PolicyExists', { PolicyArn })
})

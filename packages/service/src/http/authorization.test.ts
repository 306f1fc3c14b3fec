import assert from 'node:assert/strict'
import { test } from 'node:test'
import { iamOperations, stsOperations } from '../identity/operations.ts'
import { createAccessKey } from '../identity/access-keys.ts'
import { createSecretBox } from '../identity/secret-box.ts'
import { TOKEN_AUTHENTICATED } from '../instances/operations.ts'
import { attachPolicy } from '../identity/user-policies.ts'
import { createUser } from '../identity/users.ts'
import { TestService as Landfall } from '../test-service.ts'
import { MGN_MODEL } from './service-model.ts'
import { send, signed, type Call } from './test-client.ts'
import { startTestService, type TestService } from './test-service.ts'

const INSTALLATION = [
  'mgn:GetAgentInstallationAssetsForMgn',
  'mgn:RegisterAgentForMgn',
  'mgn:VerifyClientRoleForMgn',
]

const READ_ONLY = [
  'mgn:DescribeJobLogItems',
  'mgn:DescribeJobs',
  'mgn:DescribeSourceServers',
  'mgn:DescribeReplicationConfigurationTemplates',
  'mgn:GetLaunchConfiguration',
  'mgn:DescribeVcenterClients',
  'mgn:GetReplicationConfiguration',
  'mgn:DescribeLaunchConfigurationTemplates',
  'mgn:ListSourceServerActions',
  'mgn:ListTemplateActions',
  'mgn:ListApplications',
  'mgn:ListWaves',
  'ec2:DescribeInstances',
  'ec2:DescribeLaunchTemplateVersions',
  'ec2:DescribeSecurityGroups',
  'ec2:DescribeSubnets',
]

const FULL_ACCESS_BESIDE_MGN = [
  'ec2:DescribeTags',
  'ec2:DescribeAvailabilityZones',
  'ec2:DescribeInstances',
  'ec2:DescribeInstanceTypes',
  'ec2:DescribeLaunchTemplateVersions',
  'ec2:DescribeLaunchTemplates',
  'ec2:DescribeSecurityGroups',
  'ec2:DescribeSnapshots',
  'ec2:DescribeSubnets',
  'ec2:DescribeVolumes',
  'ssm:ListCommandInvocations',
]

/** Whoever has a key may ask who they are, and get a session that can do no more. */
const EVERYBODY = ['sts:GetCallerIdentity', 'sts:GetSessionToken']

/** What each policy lets its user do, and nothing else, of all that the service does. */
const TABLE: readonly (readonly [
  policy: string | undefined,
  allows: (action: string) => boolean,
])[] = [
  [undefined, () => false],
  [
    'AWSApplicationMigrationAgentInstallationPolicy',
    (action) =>
      INSTALLATION.includes(action) ||
      // On a source server, which the call below names.
      action === 'mgn:IssueClientCertificateForMgn',
  ],
  ['AWSApplicationMigrationReadOnlyAccess', (action) => READ_ONLY.includes(action)],
  [
    'AWSApplicationMigrationFullAccess',
    (action) => action.startsWith('mgn:') || FULL_ACCESS_BESIDE_MGN.includes(action),
  ],
  ['AdministratorAccess', () => true],
]

interface Asked {
  readonly action: string
  readonly call: Call
}

/** A call of every operation, with an input that names a source server and is wrong otherwise. */
function everyCall(landfall: Landfall): Asked[] {
  const { mgn, forMgn, ec2, ssm, landfall: own } = landfall.operations
  const body = JSON.stringify({ sourceServerID: 's-0123456789abcdef0' })
  const post = (prefix: string, path: string) => (name: string) => ({
    action: `${prefix}:${name}`,
    call: { path: `${path}${name}`, body },
  })
  const form = (prefix: string) => (name: string) => ({
    action: `${prefix}:${name}`,
    call: { path: '/', body: `Action=${name}&Version=1` },
  })
  return [
    ...Object.keys(mgn).map((name) => ({
      action: `mgn:${name}`,
      call: modelCall(name, body),
    })),
    ...Object.keys(forMgn)
      .filter((name) => !TOKEN_AUTHENTICATED.has(name)) // Whoever calls.
      .map(post('mgn', '/')),
    ...Object.keys(own).map(post('landfall', '/landfall/')),
    ...Object.keys(iamOperations).map(form('iam')),
    ...Object.keys(stsOperations).map(form('sts')),
    ...Object.keys(ec2).map(form('ec2')),
    ...Object.keys(ssm).map((name) => ({
      action: `ssm:${name}`,
      call: { path: '/', body: '{}', headers: { 'x-amz-target': `AmazonSSM.${name}` } },
    })),
  ]
}

function modelCall(name: string, body: string): Call {
  const { method, requestUri } = MGN_MODEL.operations[name]!.http
  const arn = 'arn:aws:mgn:lf-local-1:123456789012:source-server/s-0123456789abcdef0'
  const path = requestUri.replace('{resourceArn}', encodeURIComponent(arn))
  return { method, path, ...(method === 'POST' && { body }) }
}

/** A service as a user with the one policy sees it. */
async function asUserWith(service: TestService, policy: string | undefined) {
  const { db } = service
  const now = new Date()
  const user = await createUser(db, { userName: policy ?? 'nobody', now })
  if (policy !== undefined) {
    await attachPolicy(db, { user, policyArn: `arn:aws:iam::aws:policy/${policy}`, now })
  }
  const box = createSecretBox(new Uint8Array(32))
  const key = await createAccessKey(db, box, { user, now })
  return { ...service, administrator: { ...key, userName: user.user_name } }
}

for (const [policy, allows] of TABLE) {
  test(`${policy ?? 'no policy'} allows what it says and nothing else`, async (t) => {
    const landfalls: Landfall[] = []
    const http = await startTestService(t, (db) => {
      const landfall = new Landfall({ db })
      landfalls.push(landfall)
      return landfall.operations
    })
    const service = await asUserWith(http, policy)
    const allowed: string[] = []
    const calls = everyCall(landfalls[0]!)
    for (const { action, call } of calls) {
      const name = action.slice(0, action.indexOf(':'))
      const scope = { service: name === 'landfall' ? 'mgn' : name }
      const answer = await send(http, await signed(service, call, scope))
      const isDenied = /not authorized to perform/.test(answer.text)
      if (!isDenied) allowed.push(action)
      assert.ok(answer.status < 500, `${action}: ${answer.text}`)
    }
    const expected = calls
      .map(({ action }) => action)
      .filter((action) => allows(action) || EVERYBODY.includes(action))
    assert.deepEqual(allowed, expected)
    t.diagnostic(`${allowed.length} of ${calls.length} operations`)
  })
}

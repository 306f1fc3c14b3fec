import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAccessKey } from '../identity/access-keys.ts'
import { createSecretBox } from '../identity/secret-box.ts'
import { attachPolicy } from '../identity/user-policies.ts'
import { createUser } from '../identity/users.ts'
import { TestService as Landfall } from '../test-service.ts'
import { allowedActions, everyCall } from '../conformance/every-call.fixture.ts'
import { startTestService, type TestService } from './test-service.ts'

const SERVER = 'arn:aws:mgn:lf-local-1:123456789012:source-server/s-0123456789abcdef0'

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
  'mgn:ListImports',
  'mgn:ListImportErrors',
  'mgn:ListExports',
  'mgn:ListExportErrors',
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
  'ec2:DescribeImages',
  'ec2:DescribeInstances',
  'ec2:DescribeInstanceAttribute',
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

/** The key of a user with the one policy. */
async function keyWith(service: TestService, policy: string | undefined) {
  const { db } = service
  const now = new Date()
  const user = await createUser(db, { userName: policy ?? 'nobody', now })
  if (policy !== undefined) {
    await attachPolicy(db, { user, policyArn: `arn:aws:iam::aws:policy/${policy}`, now })
  }
  const box = createSecretBox(new Uint8Array(32))
  return await createAccessKey(db, box, { user, now })
}

for (const [policy, allows] of TABLE) {
  test(`${policy ?? 'no policy'} allows what it says and nothing else`, async (t) => {
    const landfalls: Landfall[] = []
    const http = await startTestService(t, (db) => {
      const landfall = new Landfall({ db })
      landfalls.push(landfall)
      return landfall.operations
    })
    const calls = everyCall(landfalls[0]!.operations, SERVER)
    const allowed = await allowedActions(http, await keyWith(http, policy), calls)
    const expected = calls
      .map(({ action }) => action)
      .filter((action) => allows(action) || EVERYBODY.includes(action))
    assert.deepEqual(allowed, expected)
    t.diagnostic(`${allowed.length} of ${calls.length} operations`)
  })
}

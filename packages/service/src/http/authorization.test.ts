import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { withTestDatabase } from '../database/test-database.ts'
import { createAccessKey } from '../identity/access-keys.ts'
import { createSecretBox } from '../identity/secret-box.ts'
import {
  ADMINISTRATION_ACTIONS,
  OPERATING_ACTIONS,
  READING_ACTIONS,
} from '../identity/own-actions.ts'
import { attachPolicy } from '../identity/user-policies.ts'
import { createUser } from '../identity/users.ts'
import { TestService as Landfall } from '../test-service.ts'
import { allowedActions, everyCall, type Asked } from '../conformance/every-call.fixture.ts'
import type { AccessKey } from '../conformance/service-client.fixture.ts'
import { ConsoleClient } from '../console/console-client.fixture.ts'
import type { Call } from './test-client.ts'
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

/** Of Landfall's own actions. */
const isOwn = (action: string, names: readonly string[]) =>
  names.some((name) => action === `landfall:${name}`)

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
  [
    'AWSApplicationMigrationReadOnlyAccess',
    (action) => READ_ONLY.includes(action) || isOwn(action, READING_ACTIONS),
  ],
  [
    'AWSApplicationMigrationFullAccess',
    (action) =>
      action.startsWith('mgn:') ||
      FULL_ACCESS_BESIDE_MGN.includes(action) ||
      isOwn(action, [...READING_ACTIONS, ...OPERATING_ACTIONS]),
  ],
  ['AdministratorAccess', () => true],
]

/** A service with all its operations, and a call of each. */
async function startService(t: TestContext) {
  const landfalls: Landfall[] = []
  const http = await startTestService(t, (db) => {
    const landfall = new Landfall({ db })
    landfalls.push(landfall)
    return landfall.operations
  })
  return { http, calls: everyCall(landfalls[0]!.operations, SERVER) }
}

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

/** The same user, signed in to the console, is told so beforehand, and let do the same. */
async function assertSameInConsole(
  http: TestService,
  key: AccessKey,
  calls: readonly Asked[],
  allowed: readonly string[],
): Promise<void> {
  const offered = await permittedIn(new ConsoleClient(http), http.administrator)
  assert.ok(offered.has('landfall:SearchSourceServers') && offered.has('iam:CreateUser'))
  const browser = new ConsoleClient(http)
  const permitted = await permittedIn(browser, key)
  for (const { action, call } of calls) {
    if (!offered.has(action)) continue // Agents' own.
    const isAllowed = allowed.includes(action)
    // What everybody may, no policy says; what is offered, a policy may refuse for this server.
    assert.ok(permitted.has(action) || !isAllowed || EVERYBODY.includes(action), action)
    const answer = await browser.call(action, inputOf(call))
    assert.equal(/not authorized to perform/.test(answer.text), !isAllowed, answer.text)
  }
}

async function permittedIn(
  browser: ConsoleClient,
  { accessKeyId, secretAccessKey }: AccessKey,
): Promise<Set<string>> {
  const { status, text, body } = await browser.signIn({ accessKeyId, secretAccessKey })
  assert.equal(status, 200, text)
  return new Set(body['permitted'] as string[])
}

/** An input names what policies speak of; those of forms name nothing. */
function inputOf({ body }: Call): object {
  return typeof body === 'string' && body.startsWith('{') ? (JSON.parse(body) as object) : {}
}

for (const [policy, allows] of TABLE) {
  test(`${policy ?? 'no policy'} allows what it says and nothing else`, async (t) => {
    const { http, calls } = await startService(t)
    const key = await keyWith(http, policy)
    const allowed = await allowedActions(http, key, calls)
    const expected = calls
      .map(({ action }) => action)
      .filter((action) => allows(action) || EVERYBODY.includes(action))
    assert.deepEqual(allowed, expected)
    await assertSameInConsole(http, key, calls, allowed)
    t.diagnostic(`${allowed.length} of ${calls.length} operations`)
  })
}

test('who is not signed in to the console is let do nothing in it', async (t) => {
  const { http, calls } = await startService(t)
  const stranger = new ConsoleClient(http)
  for (const { action, call } of calls) {
    const { status, text } = await stranger.call(action, inputOf(call))
    assert.deepEqual([status, /Sign in\./.test(text)], [403, true], action)
  }
})

test('for each of Landfall’s own operations it is said who may do it', async (t) => {
  const { db } = await withTestDatabase(t)
  const said = [...READING_ACTIONS, ...OPERATING_ACTIONS, ...ADMINISTRATION_ACTIONS]
  // The screen of an instance is no operation: it is a connection (screens/).
  const all = [...Object.keys(new Landfall({ db }).operations.landfall), 'OpenInstanceScreen']
  assert.deepEqual(said.toSorted(), all.toSorted())
})

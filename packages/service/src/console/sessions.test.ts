import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSecretBox } from '../identity/secret-box.ts'
import { createAccessKey, setAccessKeyStatus } from '../identity/access-keys.ts'
import { setPassword } from '../identity/passwords.ts'
import { attachPolicy } from '../identity/user-policies.ts'
import { createUser } from '../identity/users.ts'
import { startTestService, type TestService } from '../http/test-service.ts'
import { ConsoleClient } from './console-client.fixture.ts'
import { CONSOLE_HEADER } from './same-origin.ts'

const HOUR_MS = 60 * 60 * 1000
const PASSWORD = 'correct horse battery staple'

const operations = {
  mgn: {
    DescribeJobs: () => Promise.resolve({ items: [], secret: 'not shown' }),
    DeleteJob: () => Promise.resolve({}),
  },
  ec2: { DescribeInstances: () => Promise.resolve({ Reservations: [] }) },
  ssm: { ListDocuments: () => Promise.resolve({ DocumentIdentifiers: [] }) },
  landfall: { GetStatus: (input: object) => Promise.resolve({ input }) },
}

async function userWith(service: TestService, policy: string) {
  const { db } = service
  const now = new Date()
  const user = await createUser(db, { userName: 'Eve', now })
  await attachPolicy(db, { user, policyArn: `arn:aws:iam::aws:policy/${policy}`, now })
  return user
}

test('an access key opens a session that may do what its user may', async (t) => {
  const service = await startTestService(t, operations)
  const client = new ConsoleClient(service)
  assert.equal((await client.call('mgn:DescribeJobs')).status, 403)
  const { accessKeyId, secretAccessKey } = service.administrator
  const wrong = await client.signIn({ accessKeyId, secretAccessKey: `${secretAccessKey}x` })
  assert.equal(wrong.status, 403)
  assert.equal(wrong.headers['set-cookie'], undefined)

  const opened = await client.signIn({ accessKeyId, secretAccessKey })
  assert.equal(opened.status, 200, opened.text)
  const [cookie = ''] = [opened.headers['set-cookie'] ?? []].flat()
  assert.match(
    cookie,
    /^__Host-landfall=[\w-]{43}; Max-Age=43200; Path=\/; Secure; HttpOnly; SameSite=Strict$/,
  )
  assert.equal(opened.body['region'], 'lf-local-1')
  assert.ok((opened.body['permitted'] as string[]).includes('iam:CreateUser'))

  assert.deepEqual((await client.call('mgn:DescribeJobs')).body, { items: [] })
  assert.deepEqual((await client.call('ec2:DescribeInstances')).body, { Reservations: [] })
  assert.deepEqual((await client.call('ssm:ListDocuments')).body, { DocumentIdentifiers: [] })
  assert.deepEqual((await client.call('landfall:GetStatus', { a: 1 })).body, { input: { a: 1 } })
  const { body } = await client.call('iam:ListUsers')
  assert.equal((body['Users'] as { UserName: string }[]).length, 1)
  const unknown = await client.call('mgn:constructor')
  assert.equal(unknown.status, 400)
  const invalid = await client.call('mgn:DeleteJob', {})
  assert.match(invalid.text, /Value at 'jobID' .*must not be null/)

  const audit = await service.db.selectFrom('audit_events').selectAll().orderBy('seq').execute()
  assert.deepEqual(
    audit.map(({ action, result }) => [action, result]),
    [
      ['console:SignIn', 'access_denied'],
      ['console:SignIn', 'OK'],
      ['mgn:DeleteJob', 'validation'],
    ],
  )
})

test('a read-only user is refused what their policy does not allow, and told before', async (t) => {
  const service = await startTestService(t, operations)
  const user = await userWith(service, 'AWSApplicationMigrationReadOnlyAccess')
  await setPassword(service.db, { user, password: PASSWORD, now: new Date() })
  const client = new ConsoleClient(service)
  const opened = await client.signIn({ userName: 'eve', password: PASSWORD })
  assert.equal(opened.status, 200, opened.text)
  const permitted = opened.body['permitted'] as string[]
  assert.ok(permitted.includes('mgn:DescribeJobs'))
  assert.ok(!permitted.includes('mgn:DeleteJob'))
  assert.equal((await client.call('mgn:DescribeJobs')).status, 200)
  const refused = await client.call('mgn:DeleteJob', { jobID: 'mgnjob-0123456789abcdef0' })
  assert.equal(refused.status, 403)
  assert.match(refused.text, /user\/Eve is not authorized to perform: mgn:DeleteJob/)
})

test('another site, and a page that is not the console, get nothing by the cookie', async (t) => {
  const service = await startTestService(t, operations)
  const client = new ConsoleClient(service)
  const { accessKeyId, secretAccessKey } = service.administrator
  await client.signIn({ accessKeyId, secretAccessKey })
  const ask = (headers: Record<string, string>) =>
    client.send('POST', '/console/api/mgn/DescribeJobs', {}, headers)
  assert.equal((await ask({})).status, 403)
  assert.equal((await ask({ [CONSOLE_HEADER]: '1', 'sec-fetch-site': 'cross-site' })).status, 403)
  assert.equal((await ask({ [CONSOLE_HEADER]: '1', 'sec-fetch-site': 'same-origin' })).status, 200)
  // The cookie opens nothing else.
  const direct = await client.send('POST', '/DescribeJobs', {})
  assert.match(direct.text, /Missing Authentication Token/)
})

test('a session ends by signing out, unused, after a day, and with its key', async (t) => {
  const service = await startTestService(t, operations)
  const user = await userWith(service, 'AdministratorAccess')
  const key = await createAccessKey(service.db, createSecretBox(new Uint8Array(32)), {
    user,
    now: new Date(),
  })
  const signedIn = async () => {
    const client = new ConsoleClient(service)
    const { accessKeyId, secretAccessKey } = key
    assert.equal((await client.signIn({ accessKeyId, secretAccessKey })).status, 200)
    return client
  }
  const statusOf = async (client: ConsoleClient) =>
    (await client.send('GET', '/console/session')).status

  const out = await signedIn()
  assert.equal((await out.send('DELETE', '/console/session')).status, 204)
  assert.equal(await statusOf(out), 403)

  const idle = await signedIn()
  service.setClockOffsetMs(HOUR_MS)
  assert.equal(await statusOf(idle), 403)

  const long = await signedIn()
  for (let minutes = 30; minutes < 12 * 60; minutes += 30) {
    service.setClockOffsetMs(HOUR_MS + minutes * 60_000)
    assert.equal(await statusOf(long), 200)
  }
  service.setClockOffsetMs(13 * HOUR_MS)
  assert.equal(await statusOf(long), 403)

  const byKey = await signedIn()
  const { accessKeyId } = key
  await setAccessKeyStatus(service.db, { user, accessKeyId, status: 'Inactive' })
  assert.equal(await statusOf(byKey), 403)
})

test('who guesses is held off, and a wrong name looks like a wrong password', async (t) => {
  const service = await startTestService(t, operations)
  const user = await userWith(service, 'AdministratorAccess')
  await setPassword(service.db, { user, password: PASSWORD, now: new Date() })
  const client = new ConsoleClient(service)
  const texts = new Set<string>()
  for (const userName of ['Eve', 'nobody', 'Eve', 'nobody', 'Eve']) {
    const answer = await client.signIn({ userName, password: 'wrong password' })
    assert.equal(answer.status, 403)
    texts.add(answer.text)
  }
  assert.equal(texts.size, 1)
  const bad = await client.signIn({ userName: 'Eve' })
  assert.equal(bad.status, 400)
  for (let attempt = 0; attempt < 5; attempt++) {
    await client.signIn({ userName: 'Eve', password: 'wrong password' })
  }
  assert.equal((await client.signIn({ userName: 'Eve', password: PASSWORD })).status, 429)
  service.setClockOffsetMs(5 * 60_000)
  assert.equal((await client.signIn({ userName: 'Eve', password: PASSWORD })).status, 200)
})

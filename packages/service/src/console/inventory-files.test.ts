import assert from 'node:assert/strict'
import { test } from 'node:test'
import { send } from '../http/test-client.ts'
import { startTestService, type TestService } from '../http/test-service.ts'
import { setPassword } from '../identity/passwords.ts'
import { attachPolicy } from '../identity/user-policies.ts'
import { createUser } from '../identity/users.ts'
import { ConsoleClient } from './console-client.fixture.ts'
import { CONSOLE_HEADER } from './same-origin.ts'

const PASSWORD = 'correct horse battery staple'
const UPLOAD = '/console/files/imports/console/in.csv'
const EXPORT_ID = 'export-0123456789abcdef0'
const DOWNLOAD = `/console/files/exports/${EXPORT_ID}`

async function signedIn(service: TestService, policy: string) {
  const now = new Date()
  const user = await createUser(service.db, { userName: policy, now })
  await attachPolicy(service.db, { user, policyArn: `arn:aws:iam::aws:policy/${policy}`, now })
  await setPassword(service.db, { user, password: PASSWORD, now })
  const client = new ConsoleClient(service)
  assert.equal((await client.signIn({ userName: policy, password: PASSWORD })).status, 200)
  return client
}

async function exported(service: TestService, status: 'STARTED' | 'SUCCEEDED') {
  const place = { bucket: 'console', key: 'out.csv', bucket_owner: null }
  await service.db.deleteFrom('exports').execute()
  await service.db
    .insertInto('exports')
    .values({ export_id: EXPORT_ID, ...place, status, tags: '{}', created_at: new Date() })
    .execute()
}

test('an inventory comes and goes between browser and buckets for whoever may import and export', async (t) => {
  const service = await startTestService(t, {})
  const client = await signedIn(service, 'AWSApplicationMigrationFullAccess')
  const text = 'mgn:server:user-provided-id\r\ncafé\r\n'
  const put = await client.upload(UPLOAD, text)
  assert.deepEqual([put.status, put.body], [200, { s3Bucket: 'console', s3Key: 'in.csv' }])
  assert.equal(service.buckets.files.get('console/in.csv'), text)
  for (const path of ['console/in.sh', 'console/..%2Fother%2Fin.csv', 'a%2Fb/in.csv']) {
    assert.equal((await client.upload(`/console/files/imports/${path}`, 'x')).status, 400, path)
  }
  assert.equal(service.buckets.files.size, 1)
  const audit = await service.db.selectFrom('audit_events').selectAll().orderBy('seq').execute()
  assert.deepEqual(audit.at(-1)?.action, 'landfall:PutInventoryFile')

  assert.equal((await client.send('GET', DOWNLOAD)).status, 404)
  await exported(service, 'STARTED')
  assert.equal((await client.send('GET', DOWNLOAD)).status, 404)
  await exported(service, 'SUCCEEDED')
  service.buckets.files.set('console/out.csv', text)
  const got = await client.send('GET', DOWNLOAD)
  assert.deepEqual([got.status, got.text], [200, text])
  assert.match(String(got.headers['content-type']), /^text\/csv/)
})

test('others neither read nor write files', async (t) => {
  const service = await startTestService(t, {})
  await exported(service, 'SUCCEEDED')
  const client = await signedIn(service, 'AWSApplicationMigrationReadOnlyAccess')
  const put = await client.upload(UPLOAD, 'x')
  assert.equal(put.status, 403)
  assert.match(put.text, /not authorized to perform: mgn:StartImport/)
  const got = await client.send('GET', DOWNLOAD)
  assert.match(got.text, /not authorized to perform: mgn:StartExport/)
  const headers = { [CONSOLE_HEADER]: '1', 'content-type': 'text/csv' }
  const stranger = await send(service, { method: 'PUT', path: UPLOAD, body: 'x', headers })
  assert.equal(stranger.status, 403)
  const foreign = await send(service, { method: 'PUT', path: UPLOAD, body: 'x', headers: {} })
  assert.match(foreign.text, /the console's own pages/)
  assert.equal(service.buckets.files.size, 0)
})

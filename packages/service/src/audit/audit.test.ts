import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LandfallError } from '@landfall/model'
import { aws } from '../conformance/aws-cli.fixture.ts'
import { send, signed } from '../http/test-client.ts'
import { startTestService } from '../http/test-service.ts'
import { TestService as Landfall } from '../test-service.ts'
import { MGN_MODEL, SSM_MODEL } from '../http/service-model.ts'
import { isMutating } from './audit-log.ts'
import { maskedInput } from './masked-input.ts'

interface AuditEvent {
  readonly caller: string
  readonly address: string
  readonly action: string
  readonly input: Record<string, unknown> | null
  readonly result: string
  readonly message?: string
}

test('calls that change something are kept in order with their result, others are not', async (t) => {
  const http = await startTestService(t, (db) => {
    const { operations } = new Landfall({ db })
    const stop = async () => await Promise.reject(new LandfallError('conflict', 'Not now'))
    const fail = async () => await Promise.reject(new Error('a secret of the defect'))
    return { ...operations, mgn: { ...operations.mgn, FinalizeCutover: stop, DeleteJob: fail } }
  })
  const call = (...args: string[]) => aws(http, args).catch(() => undefined)
  await call('mgn', 'describe-source-servers')
  await call('mgn', 'create-application', '--name', 'shop', '--tags', 'key=value')
  await call('mgn', 'finalize-cutover', '--source-server-id', 's-0123456789abcdef0')
  await call('mgn', 'delete-job', '--job-id', 'mgnjob-0123456789abcdef0')
  await call('iam', 'create-user', '--user-name', 'ann')
  await call('ssm', 'put-parameter', '--name', 'p', '--type', 'SecureString', '--value', 'hush')
  const commands = ['--document-name', 'AWS-RunShellScript', '--parameters', 'commands=[hush]']
  await call('ssm', 'send-command', ...commands, '--instance-ids', 'i-0123456789abcdef0')
  await call('ec2', 'terminate-instances', '--instance-ids', 'i-0123456789abcdef0')
  const store = {
    endpoint: 'https://s3.example.org',
    region: 'eu-west-1',
    accessKeyId: 'AKID',
    secretAccessKey: 'hush',
  }
  const body = JSON.stringify({ store })
  await send(http, await signed(http, { path: '/landfall/UpdateBucketStore', body }))
  const landfall = new Landfall({ db: http.db })
  const { items } = await landfall.call<{ items: AuditEvent[] }>('ListAuditEvents')
  assert.deepEqual(
    items.map(({ action, result }) => `${action} ${result}`),
    [
      'mgn:CreateApplication OK',
      'mgn:FinalizeCutover conflict',
      'mgn:DeleteJob internal',
      'iam:CreateUser OK',
      'ssm:PutParameter OK',
      'ssm:SendCommand validation',
      'ec2:TerminateInstances validation',
      'landfall:UpdateBucketStore OK',
    ],
  )
  const [created, stopped, failed, , put, sent] = items
  assert.deepEqual(created?.input, { name: 'shop', tags: '***' })
  assert.equal(created?.caller, 'arn:aws:iam::123456789012:user/administrator')
  assert.equal(created?.address, '127.0.0.1')
  assert.equal(stopped?.message, 'Not now')
  assert.equal(failed?.message, undefined)
  assert.deepEqual(put?.input, { Name: 'p', Type: 'SecureString', Value: '***' })
  assert.deepEqual(sent?.input?.['Parameters'], '***')
  assert.deepEqual(items.at(-1)?.input, { store: { ...store, secretAccessKey: '***' } })
  assert.doesNotMatch(JSON.stringify(items), /hush|secret of the defect/)
  const ofIam = await landfall.call<{ items: AuditEvent[] }>('ListAuditEvents', {
    action: 'iam:CreateUser',
  })
  assert.equal(ofIam.items.length, 1)

  const actionsOf = async (input: object) => {
    const page = await landfall.call<{ items: AuditEvent[]; nextToken?: string }>(
      'ListAuditEvents',
      input,
    )
    return { ...page, actions: page.items.map(({ action }) => action) }
  }
  const newest = await actionsOf({ newestFirst: true, maxResults: 2 })
  assert.deepEqual(newest.actions, ['landfall:UpdateBucketStore', 'ec2:TerminateInstances'])
  const { nextToken } = newest
  const older = await actionsOf({ newestFirst: true, maxResults: 1, nextToken })
  assert.deepEqual(older.actions, ['ssm:SendCommand'])
  assert.equal((await actionsOf({ isDone: true })).actions.length, 4)
  assert.equal((await actionsOf({ isDone: false })).actions.length, 4)
  assert.equal((await actionsOf({ caller: 'administrator' })).actions.length, 8)
  assert.equal((await actionsOf({ caller: 'strator' })).actions.length, 0)
  const moment = new Date().toISOString()
  assert.equal((await actionsOf({ until: moment })).actions.length, 8)
  assert.equal((await actionsOf({ from: moment })).actions.length, 0)
})

test('what cannot be written down is not done', async (t) => {
  let done = 0
  const CreateApplication = async () => {
    done += 1
    return {}
  }
  const http = await startTestService(t, { mgn: { CreateApplication } })
  await http.db.schema.dropTable('audit_events').execute()
  await assert.rejects(aws(http, ['mgn', 'create-application', '--name', 'shop']), /500|Internal/)
  assert.equal(done, 0)
})

test('what only looks is not kept, however often a page asks', () => {
  const looking = ['SearchSourceServers', 'GetSourceServer', 'ListWaves', 'DescribeJobs']
  assert.deepEqual(looking.filter(isMutating), [])
  assert.ok(isMutating('StartTest'))
})

test('what the model calls sensitive or does not know is masked, at any depth', () => {
  const input = { sourceServerIDs: ['s-1'], tags: { a: 'b' }, unknown: { password: 'x' } }
  assert.deepEqual(maskedInput(MGN_MODEL, 'StartTestRequest', input), {
    sourceServerIDs: ['s-1'],
    tags: '***',
    unknown: '***',
  })
  assert.deepEqual(maskedInput(SSM_MODEL, 'PutParameterRequest', { Value: ['x'], Name: 1 }), {
    Value: '***',
    Name: 1,
  })
})

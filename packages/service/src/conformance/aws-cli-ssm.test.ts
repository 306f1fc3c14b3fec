import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { TestService as Landfall } from '../test-service.ts'
import { aws } from './aws-cli.fixture.ts'
import { startTestService } from '../http/test-service.ts'

async function startWithSsm(t: TestContext) {
  const http = await startTestService(t, (db) => new Landfall({ db }).operations)
  const ssm = <Answer = Record<string, unknown>>(command: string, ...args: string[]) =>
    aws<Answer>(http, ['ssm', command, ...args])
  return { http, ssm }
}

const documentOf = (runCommand: string[], parameters: object = {}) =>
  JSON.stringify({
    schemaVersion: '2.2',
    description: 'Looks around',
    parameters,
    mainSteps: [{ action: 'aws:runShellScript', name: 'look', inputs: { runCommand } }],
  })

test('the AWS CLI keeps documents with versions', async (t) => {
  const { ssm } = await startWithSsm(t)
  const create = (content: string, ...args: string[]) =>
    ssm<{ DocumentDescription: Record<string, unknown> }>(
      'create-document',
      ...['--name', 'Look', '--document-type', 'Command', '--content', content, ...args],
    )
  const path = { type: 'String', default: '/', description: 'Where' }
  const { DocumentDescription: made } = await create(documentOf(['ls {{ Path }}'], { Path: path }))
  assert.partialDeepStrictEqual(made, {
    DocumentVersion: '1',
    Description: 'Looks around',
    Parameters: [{ Name: 'Path', Type: 'String', DefaultValue: '/', Description: 'Where' }],
    SchemaVersion: '2.2',
    Status: 'Active',
  })
  assert.match(String(made['CreatedDate']), /^20\d\d-/) // A time, and not its milliseconds.
  await assert.rejects(create(documentOf(['ls'])), /DocumentAlreadyExists/)

  const update = (content: string) =>
    ssm(
      'update-document',
      ...['--name', 'Look', '--content', content, '--document-version', '$LATEST'],
    )
  await update(documentOf(['ls -l']))
  await assert.rejects(update(documentOf(['ls -l'])), /DuplicateDocumentContent/)
  const get = (...args: string[]) =>
    ssm<{ Content: string; DocumentVersion: string }>('get-document', '--name', 'Look', ...args)
  assert.equal((await get()).DocumentVersion, '1')
  assert.equal((await get('--document-version', '$LATEST')).Content, documentOf(['ls -l']))
  await ssm('update-document-default-version', '--name', 'Look', '--document-version', '2')
  assert.equal((await get()).DocumentVersion, '2')
  const { DocumentVersions: versions } = await ssm<{ DocumentVersions: object[] }>(
    'list-document-versions',
    ...['--name', 'Look'],
  )
  assert.equal(versions.length, 2)
  const listed = await ssm<{ DocumentIdentifiers: object[] }>(
    'list-documents',
    ...['--filters', 'Key=Owner,Values=Self'],
  )
  assert.partialDeepStrictEqual(listed.DocumentIdentifiers, [{ Name: 'Look' }])
  const deletion = ['--name', 'Look', '--document-version', '2']
  await assert.rejects(ssm('delete-document', ...deletion), /InvalidDocumentOperation.*default/s)
  await ssm('delete-document', '--name', 'Look')
  await assert.rejects(get(), /InvalidDocument/)
})

test('a document in YAML is kept as it is, and given in either format', async (t) => {
  const { ssm } = await startWithSsm(t)
  const content = `# Looks around.
schemaVersion: "2.2"
mainSteps:
  - action: aws:runShellScript
    name: look
    inputs:
      timeoutSeconds: 60
      runCommand: [ls]
`
  const create = (...args: string[]) =>
    ssm<{ DocumentDescription: object }>(
      'create-document',
      ...['--name', 'Look', '--document-type', 'Command', '--content', content, ...args],
    )
  await assert.rejects(create(), /InvalidDocumentContent.*DocumentFormat YAML/s)
  const made = await create('--document-format', 'YAML')
  assert.partialDeepStrictEqual(made.DocumentDescription, { DocumentFormat: 'YAML' })
  const get = (...args: string[]) =>
    ssm<{ Content: string; DocumentFormat: string }>('get-document', '--name', 'Look', ...args)
  const inJson = await get()
  assert.equal(inJson.DocumentFormat, 'JSON')
  const inputs = { timeoutSeconds: 60, runCommand: ['ls'] }
  assert.deepEqual(JSON.parse(inJson.Content), {
    schemaVersion: '2.2',
    mainSteps: [{ action: 'aws:runShellScript', name: 'look', inputs }],
  })
  assert.equal((await get('--document-format', 'YAML')).Content, content)
})

test('a document that could not be run is refused when it is made', async (t) => {
  const { ssm } = await startWithSsm(t)
  const refusals: [string, RegExp][] = [
    ['schemaVersion: "2.2"', /InvalidDocumentContent.*DocumentFormat YAML/s],
    ['{"schemaVersion": "1.2"}', /InvalidDocumentSchemaVersion/],
    ['{"schemaVersion": "2.2", "mainSteps": []}', /InvalidDocumentContent.*mainSteps/s],
    [documentOf(['ls']).replace('runShellScript', 'runPowerShellScript'), /mainSteps\.0\.action/],
    [documentOf(['ls {{ Path }}']), /Path.*no parameter of that name/s],
  ]
  for (const [content, reason] of refusals) {
    await assert.rejects(
      ssm('create-document', '--name', 'Bad', '--content', content, '--document-type', 'Command'),
      reason,
    )
  }
  assert.deepEqual(await ssm('list-documents'), { DocumentIdentifiers: [] })
  const shell = ['--name', 'AWS-RunShellScript'] as const
  const { Document } = await ssm<{ Document: object }>('describe-document', ...shell)
  assert.partialDeepStrictEqual(Document, { Owner: 'Amazon', DefaultVersion: '1' })
  const image = ['--name', 'AWS-CreateImage'] as const
  const { Document: automation } = await ssm<{ Document: object }>('describe-document', ...image)
  assert.partialDeepStrictEqual(automation, {
    DocumentType: 'Automation',
    SchemaVersion: '0.3',
    Parameters: [{ Name: 'InstanceId' }, { Name: 'NoReboot', DefaultValue: 'false' }, {}],
  })
  const { Content } = await ssm<{ Content: string }>('get-document', ...image)
  assert.match(Content, /"aws:createImage"/)
})

test('the AWS CLI keeps parameters, and shows a SecureString only when asked to', async (t) => {
  const { http, ssm } = await startWithSsm(t)
  const name = 'ManagedByAWSApplicationMigrationService-1-Password-s-1'
  const put = (...args: string[]) => ssm('put-parameter', '--name', name, ...args)
  assert.deepEqual(await put('--type', 'SecureString', '--value', 'hush'), {
    Tier: 'Standard',
    Version: 1,
  })
  await assert.rejects(put('--value', 'x'), /ParameterAlreadyExists/)
  await put('--value', 'hush hush', '--overwrite')
  type Answer = { Parameter: { Value: string; Version: number } }
  const get = async (...args: string[]) =>
    (await ssm<Answer>('get-parameter', '--name', name, ...args)).Parameter
  assert.partialDeepStrictEqual(await get('--with-decryption'), { Value: 'hush hush', Version: 2 })
  assert.doesNotMatch((await get()).Value, /hush/)
  const stored = await http.db.selectFrom('ssm_parameters').selectAll().execute()
  assert.doesNotMatch(JSON.stringify(stored), /hush/)
  assert.doesNotMatch(http.log.join(), /hush/)
  const both = await ssm<{ Parameters: object[]; InvalidParameters: string[] }>(
    'get-parameters',
    ...['--names', name, 'nowhere'],
  )
  assert.equal(both.Parameters.length, 1)
  assert.deepEqual(both.InvalidParameters, ['nowhere'])
  const described = await ssm<{ Parameters: object[] }>(
    'describe-parameters',
    ...['--parameter-filters', 'Key=Name,Option=BeginsWith,Values=ManagedBy'],
  )
  assert.partialDeepStrictEqual(described.Parameters, [{ Name: name, Type: 'SecureString' }])
  const long = ['put-parameter', '--type', 'String', '--name', 'long', '--value']
  await assert.rejects(ssm(...(long as [string]), 'x'.repeat(8193)), /has 8193 characters/)
  await assert.rejects(ssm('get-parameter', '--name', 'nowhere'), /ParameterNotFound/)
  await ssm('delete-parameter', '--name', name)
  await assert.rejects(ssm('delete-parameter', '--name', name), /ParameterNotFound/)
})

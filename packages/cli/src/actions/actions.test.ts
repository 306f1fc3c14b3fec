import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeRuns } from './action-results.ts'
import { readValues } from './action-values.ts'

test('values are read by key, and a key that comes again has several', () => {
  assert.deepEqual(readValues(['Urls=http://a/?b=c', 'Wait=', 'Urls=http://d/']), {
    Urls: ['http://a/?b=c', 'http://d/'],
    Wait: [''],
  })
  assert.throws(() => readValues(['Urls']), /Urls is not KEY=VALUE/)
  assert.throws(() => readValues(['=x']), /=x is not KEY=VALUE/)
})

test('results name the image that an action has made', () => {
  const view = {
    sourceServerID: 's-1',
    instanceID: 'i-1',
    purpose: 'TEST',
    runs: [
      {
        actionID: 'AWS-CreateImage',
        actionName: 'Create AMI from instance',
        documentIdentifier: 'AWS-CreateImage',
        order: 1000,
        mustSucceedForCutover: false,
        state: 'SUCCEEDED',
        attempt: 1,
        imageID: 'ami-1',
        endedAt: '2026-01-10T09:00:00.000Z',
        steps: [],
      },
    ],
  } as const
  const [, , row, ...details] = describeRuns(view, { output: false }).split('\n')
  assert.match(row ?? '', /^AWS-CreateImage {2}SUCCEEDED .* -$/)
  assert.deepEqual(details, ['', 'AWS-CreateImage: image ami-1'])
})

test('results are a table, with the reasons of failures and what was written', () => {
  const step = { name: 'run', status: 'Failed', exitStatus: 3, startedAt: '', endedAt: '' } as const
  const view = {
    sourceServerID: 's-1',
    instanceID: 'i-1',
    purpose: 'CUTOVER',
    runs: [
      {
        actionID: 'check',
        actionName: 'Check',
        documentIdentifier: 'Check',
        order: 1001,
        mustSucceedForCutover: true,
        state: 'FAILED',
        attempt: 2,
        commandID: 'c-1',
        failureReason: 'Exit status 3. no shop',
        endedAt: '2026-01-10T09:00:00.000Z',
        steps: [{ ...step, stdout: 'looking\nstill\n', stderr: 'no shop\n' }],
      },
    ],
  } as const
  const table = [
    's-1, cutover instance i-1',
    'ACTION  STATE   MUST SUCCEED  ATTEMPT  ENDED                     COMMAND',
    'check   FAILED  yes           2        2026-01-10T09:00:00.000Z  c-1',
    '',
    'check failed: Exit status 3. no shop',
  ]
  assert.equal(describeRuns(view, { output: false }), table.join('\n'))
  const output = ['  step run, exit status 3', '  stdout | looking', '  stdout | still']
  assert.equal(
    describeRuns(view, { output: true }),
    [...table, ...output, '  stderr | no shop'].join('\n'),
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError } from '../api/call.ts'
import { type Call, createUserWithKey } from './create-user.ts'

const POLICY = 'arn:aws:iam::aws:policy/AWSApplicationMigrationAgentInstallationPolicy'
const USER = { userName: 'installer', policyArns: [POLICY] }

/** A service that knows one user at most, and refuses `failing`. */
function serviceThatRefuses(...failing: readonly string[]) {
  const calls: string[] = []
  const attached: string[] = []
  const call = async (action: string, input: Record<string, unknown> = {}) => {
    calls.push(action)
    if (failing.includes(action))
      throw new ApiError(`No ${action}`, { status: 403, type: 'Denied' })
    if (action === 'iam:AttachUserPolicy') attached.push(String(input['PolicyArn']))
    return {
      AccessKey: { AccessKeyId: 'AKIA', SecretAccessKey: 'secret' },
      AccessKeyMetadata: [],
      AttachedPolicies: attached.map((PolicyArn) => ({ PolicyArn })),
      PolicyNames: [],
    }
  }
  return { calls, call: call as unknown as Call }
}

test('a user comes with its policies and its key', async () => {
  const { call, calls } = serviceThatRefuses()
  const key = await createUserWithKey(call, USER)
  assert.deepEqual(key, {
    userName: 'installer',
    accessKeyId: 'AKIA',
    secretAccessKey: 'secret',
  })
  assert.deepEqual(calls, ['iam:CreateUser', 'iam:AttachUserPolicy', 'iam:CreateAccessKey'])
})

test('when the key or a policy is refused there is no user', async () => {
  for (const refused of ['iam:CreateAccessKey', 'iam:AttachUserPolicy']) {
    const { call, calls } = serviceThatRefuses(refused)
    await assert.rejects(createUserWithKey(call, USER), { message: `No ${refused}` })
    assert.equal(calls.at(-1), 'iam:DeleteUser')
    const isDetached = calls.includes('iam:DetachUserPolicy')
    assert.equal(isDetached, refused === 'iam:CreateAccessKey')
  }
})

test('a name that is taken is nobody’s to delete', async () => {
  const { call, calls } = serviceThatRefuses('iam:CreateUser')
  await assert.rejects(createUserWithKey(call, USER), { message: 'No iam:CreateUser' })
  assert.deepEqual(calls, ['iam:CreateUser'])
})

test('what could not be undone is told', async () => {
  const { call } = serviceThatRefuses('iam:CreateAccessKey', 'iam:DeleteUser')
  await assert.rejects(
    createUserWithKey(call, USER),
    /No iam:CreateAccessKey User installer was made/,
  )
})

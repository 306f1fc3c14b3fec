import assert from 'node:assert/strict'
import { test } from 'node:test'
import { evaluateAccess, type Decision } from './evaluate.ts'
import { managedPolicy } from './managed-policies.ts'
import { parsePolicy, type PolicyDocument } from './policy-document.ts'

type Statement = Extract<PolicyDocument['Statement'], { Effect: string }>

function decide(
  statements: Statement | Statement[],
  request: { action?: string; resource?: string; context?: Record<string, string | string[]> } = {},
  report: (message: string) => void = assert.fail,
): Decision {
  return evaluateAccess(
    parsePolicy({ Statement: statements }),
    {
      action: request.action ?? 'mgn:StartTest',
      resource: request.resource ?? 'arn:aws:mgn:lf-local-1:123456789012:source-server/s-1',
      context: contextOf(request.context ?? {}),
    },
    report,
  )
}

function contextOf(entries: Record<string, string | string[]>): Map<string, string[]> {
  return new Map(Object.entries(entries).map(([key, value]) => [key.toLowerCase(), [value].flat()]))
}

const allowAll: Statement = { Effect: 'Allow', Action: '*', Resource: '*' }

test('what nothing allows is denied, and a deny wins over every allow', () => {
  assert.equal(decide([]), 'implicit-deny')
  assert.equal(decide(allowAll), 'allowed')
  assert.equal(
    decide([{ ...allowAll, Effect: 'Deny', Action: 'mgn:Start*' }, allowAll]),
    'explicit-deny',
  )
  assert.equal(decide([allowAll, { ...allowAll, Effect: 'Deny' }]), 'explicit-deny')
})

test('actions ignore case, resources do not; both take wildcards', () => {
  for (const [statement, decision] of [
    [{ Effect: 'Allow', Action: 'MGN:startTEST', Resource: '*' }, 'allowed'],
    [{ Effect: 'Allow', Action: ['a:b', 'mgn:St?rt*'], Resource: '*' }, 'allowed'],
    [{ Effect: 'Allow', Action: 'mgn:Start', Resource: '*' }, 'implicit-deny'],
    [{ Effect: 'Allow', Action: 'mgn:*', Resource: 'arn:aws:mgn:*:source-server/*' }, 'allowed'],
    [{ Effect: 'Allow', Action: 'mgn:*', Resource: 'ARN:*' }, 'implicit-deny'],
    [{ Effect: 'Allow', Action: 'mgn:*', Resource: '*/s-?' }, 'allowed'],
    [{ Effect: 'Allow', NotAction: 'mgn:Start*', Resource: '*' }, 'implicit-deny'],
    [{ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }, 'allowed'],
    [{ Effect: 'Allow', Action: '*', NotResource: '*:source-server/*' }, 'implicit-deny'],
    [{ Effect: 'Allow', Action: '*', NotResource: '*:job/*' }, 'allowed'],
  ] as const) {
    assert.equal(decide(statement), decision, JSON.stringify(statement))
  }
})

test("a policy variable is the caller's value, literally", () => {
  const own: Statement = {
    Effect: 'Allow',
    Action: '*',
    Resource: 'arn:aws:mgn:*:*:source-server/${aws:SourceIdentity}',
  }
  assert.equal(decide(own, { context: { 'aws:SourceIdentity': 's-1' } }), 'allowed')
  assert.equal(decide(own, { context: { 'aws:SourceIdentity': 's-2' } }), 'implicit-deny')
  assert.equal(decide(own, { context: { 'aws:SourceIdentity': '*' } }), 'implicit-deny')
  assert.equal(decide(own), 'implicit-deny')
  const star: Statement = { Effect: 'Allow', Action: '*', Resource: 'a${*}${?}${$}' }
  assert.equal(decide(star, { resource: 'a*?$' }), 'allowed')
  assert.equal(decide(star, { resource: 'abcd' }), 'implicit-deny')
})

test('conditions hold as AWS says, missing keys included', () => {
  const context = {
    'mgn:CreateAction': 'RegisterAgentForMgn',
    'aws:CalledVia': ['a', 'b'],
    'aws:PrincipalArn': 'arn:aws:iam::1:user/team/ann',
    'aws:SecureTransport': 'true',
  }
  for (const [operator, key, value, holds] of [
    ['StringEquals', 'mgn:createaction', 'RegisterAgentForMgn', true],
    ['StringEquals', 'mgn:CreateAction', ['x', 'RegisterAgentForMgn'], true],
    ['StringEquals', 'mgn:CreateAction', 'registeragentformgn', false],
    ['StringEquals', 'mgn:CreateAction', 'Register*', false],
    ['StringEqualsIgnoreCase', 'mgn:CreateAction', 'registeragentformgn', true],
    ['StringLike', 'mgn:CreateAction', 'Register*', true],
    ['StringNotEquals', 'mgn:CreateAction', 'x', true],
    ['StringNotLike', 'mgn:CreateAction', 'Reg*', false],
    ['StringEquals', 'none', 'x', false],
    ['StringNotEquals', 'none', 'x', true],
    ['StringEqualsIfExists', 'none', 'x', true],
    ['StringEqualsIfExists', 'mgn:CreateAction', 'x', false],
    ['ForAnyValue:StringEquals', 'aws:CalledVia', 'b', true],
    ['ForAnyValue:StringEquals', 'none', 'b', false],
    ['ForAllValues:StringEquals', 'aws:CalledVia', 'b', false],
    ['ForAllValues:StringLike', 'aws:CalledVia', ['a', 'b'], true],
    ['ForAllValues:StringEquals', 'none', 'b', true],
    ['ForAnyValue:StringNotEquals', 'none', 'b', false],
    ['ForAnyValue:StringNotEquals', 'aws:CalledVia', 'b', true],
    ['StringEquals', 'aws:CalledVia', 'b', true],
    ['StringNotEquals', 'aws:CalledVia', 'b', false],
    ['Null', 'none', 'true', true],
    ['Null', 'none', 'false', false],
    ['Null', 'aws:CalledVia', 'false', true],
    ['Bool', 'aws:SecureTransport', 'true', true],
    ['Bool', 'aws:ViaAWSService', 'true', false],
    ['ArnLike', 'aws:PrincipalArn', 'arn:aws:iam::*:user/*', true],
    ['ArnLike', 'aws:PrincipalArn', 'arn:*:user/*', false],
    ['ArnNotLike', 'aws:PrincipalArn', 'arn:aws:iam::*:role/*', true],
  ] as const) {
    const statement: Statement = { ...allowAll, Condition: { [operator]: { [key]: value } } }
    assert.equal(
      decide(statement, { context }),
      holds ? 'allowed' : 'implicit-deny',
      `${operator} ${key} ${String(value)}`,
    )
  }
})

test('an unknown operator takes access away on both sides, and is reported', () => {
  for (const operator of ['DateLessThan', 'StringResembles', 'ForSome:StringEquals']) {
    const reports: string[] = []
    const Condition = { [operator]: { 'aws:x': '1' } }
    const report = (message: string) => reports.push(message)
    assert.equal(decide({ ...allowAll, Condition }, {}, report), 'implicit-deny')
    assert.equal(
      decide([allowAll, { ...allowAll, Effect: 'Deny', Condition }], {}, report),
      'explicit-deny',
    )
    assert.equal(reports.length, 2)
  }
})

test('an agent reaches its own source server and nothing else', () => {
  const { statements } = managedPolicy('AWSApplicationMigrationAgentPolicy_v2')
  const ask = (action: string, id: string) =>
    evaluateAccess(
      statements,
      {
        action,
        resource: `arn:aws:mgn:lf-local-1:123456789012:source-server/${id}`,
        context: contextOf({ 'aws:SourceIdentity': 's-1' }),
      },
      assert.fail,
    )
  assert.equal(ask('mgn:GetAgentCommandForMgn', 's-1'), 'allowed')
  assert.equal(ask('mgn:GetAgentCommandForMgn', 's-2'), 'implicit-deny')
  assert.equal(ask('mgn:RegisterAgentForMgn', 's-1'), 'implicit-deny')
})

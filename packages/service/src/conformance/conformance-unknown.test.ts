import assert from 'node:assert/strict'
import { test } from 'node:test'
import { callEverything, implemented } from './every-operation.fixture.ts'
import { startLandfall } from './landfall.fixture.ts'
import { ProbingClient, type Probe } from './probing-client.fixture.ts'
import { MODELS, operationOf, type ServiceName } from './service-client.fixture.ts'
import type { Answer } from '../http/test-client.ts'
import { isDeclared, readOutput, readRefusal } from './wire-answer.fixture.ts'
import { WireClient } from './wire-client.fixture.ts'

/** The members of inputs that name something which must be there. */
const NAMES: Readonly<Record<ServiceName, RegExp>> = {
  mgn: /(IDs?|Arn)$/,
  iam: /^(UserName|PolicyName|PolicyArn|AccessKeyId|VersionId|PolicySourceArn)$/,
  sts: /^(RoleArn|arn)$/,
  ec2: /(Ids?|Names|TemplateName|(Source|Default)Version|Versions|InstanceTypes|^Resources)$/,
  ssm: /^(Names?|DocumentVersion|DocumentName|InstanceIds|CommandId)$/,
}

/** Members that name nothing that must be there, with the reason. */
const NOT_LOOKED_FOR: Readonly<Record<string, string>> = {
  accountID: 'any but the own account is refused, which authorization is about',
  ebsEncryptionKeyArn: 'kept for MGN’s clients, and of no meaning here',
  mapAutoTaggingMpeID: 'kept for MGN’s clients, and of no meaning here',
  replicationServersSecurityGroupsIDs: 'kept for MGN’s clients, and of no meaning here',
  'CreateConnector.ssmInstanceID': 'a host of the customer’s, which only SSM knows',
  'PutSourceServerAction.actionID': 'a new one',
  'PutTemplateAction.actionID': 'a new one',
  'CreateUser.UserName': 'a new one',
  'CreatePolicy.PolicyName': 'a new one',
  'PutUserPolicy.PolicyName': 'a new one',
  'CreateLaunchTemplate.LaunchTemplateName': 'a new one',
  'CreateDocument.Name': 'a new one',
  'PutParameter.Name': 'a new one',
}

/** What answers as if nothing were wrong, with the reason. Filters do by what they are. */
const SILENT: Readonly<Record<string, string>> = {
  'DescribeSnapshots.OwnerIds': 'a filter that nothing passes',
  'ListCommands.CommandId': 'a filter that nothing passes',
  'ListCommandInvocations.CommandId': 'a filter that nothing passes',
  'GetParameters.Names': 'the answer lists them as InvalidParameters',
}

/** Errors that the model does not declare, with the reason. */
const UNDECLARED: Readonly<Record<string, readonly [code: string, reason: string]>> = {
  'GetAccessKeyLastUsed.AccessKeyId': ['NoSuchEntity', 'it declares none, and IAM has this one'],
  'AssumeRole.RoleArn': ['AccessDenied', 'STS does not tell which roles there are'],
}

/** The input with something that does not exist in the place of each thing that does. */
function* unknownNames(
  service: ServiceName,
  input: object,
  at = '',
): Generator<{ readonly member: string; readonly input: object }> {
  for (const [key, value] of Object.entries(input) as [string, unknown][]) {
    const member = at + key
    for (const [index, item] of [value].flat().entries()) {
      const changed = (to: unknown) => ({
        ...input,
        [key]: Array.isArray(value) ? value.with(index, to) : to,
      })
      if (typeof item === 'object' && item !== null) {
        for (const inside of unknownNames(service, item, `${member}.`)) {
          yield { member: inside.member, input: changed(inside.input) }
        }
      } else if (NAMES[service].test(key)) {
        yield { member, input: changed(unknownLike(String(item))) }
      }
    }
  }
}

/** Of the same form, and nobody's. */
function unknownLike(id: string): string {
  if (/[0-9a-f]{17}$/.test(id)) return id.replace(/[0-9a-f]{17}$/, 'f'.repeat(17))
  if (/^v?\d+$/.test(id)) return id.replace(/\d+$/, '99')
  if (id.startsWith('$')) return '99'
  return id.replace(/[^/:]+$/, (name) => 'X'.repeat(name.length))
}

function isLookedFor(operation: string, member: string): boolean {
  const names = [member, `${operation}.${member}`]
  return !names.some((name) => Object.hasOwn(NOT_LOOKED_FOR, name))
}

function* probesOf(service: ServiceName, operation: string, input: object): Generator<Probe> {
  for (const { member, input: wrong } of unknownNames(service, input)) {
    if (!isLookedFor(operation, member)) continue
    const check = (answer: Answer) => checkAnswer({ service, operation, member }, answer)
    yield { what: `${operation}.${member}`, input: wrong, check }
  }
}

function checkAnswer(
  asked: { readonly service: ServiceName; readonly operation: string; readonly member: string },
  answer: Answer,
): void {
  const { service, operation, member } = asked
  const what = `${operation}.${member}`
  if (member.startsWith('filters.') || Object.hasOwn(SILENT, what)) {
    readOutput(service, operation, answer)
    return
  }
  const { code } = readRefusal(service, answer)
  const told = `${what}: ${answer.status} ${answer.text}`
  const [other] = UNDECLARED[what] ?? []
  if (other !== undefined) assert.equal(code, other, told)
  // EC2's model has no errors; all of its names for what is not there begin so.
  else if (service === 'ec2') assert.match(code, /^Invalid\w+(\.\w*NotFound\w*)?$/, told)
  else assert.ok(isDeclared(service, operation, code), told)
}

test('what does not exist is refused as the model says, by every operation that names it', async (t) => {
  const { service, landfall } = await startLandfall(t)
  const client = new ProbingClient(new WireClient(service, service.administrator), probesOf)
  await callEverything(t, { client, landfall })
  const left = implemented().flatMap(([service, operation]) => {
    const shape = MODELS[service].shapes[operationOf(service, operation).input ?? '']
    return (shape?.required ?? [])
      .filter((member) => NAMES[service].test(member) && isLookedFor(operation, member))
      .map((member) => `${operation}.${member}`)
      .filter((what) => !client.probed.has(what))
  })
  assert.deepEqual(left, [], 'give each a valid call in the *-calls.fixture.ts of its service')
  t.diagnostic(`${client.probed.size} names`)
})

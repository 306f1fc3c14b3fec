import assert from 'node:assert/strict'
import { test } from 'node:test'
import { callEverything, implemented } from './every-operation.fixture.ts'
import { startLandfall } from './landfall.fixture.ts'
import { ProbingClient, type Probe } from './probing-client.fixture.ts'
import { MODELS, operationOf, type ServiceName } from './service-client.fixture.ts'
import type { Answer } from '../http/test-client.ts'
import { readRefusal } from './wire-answer.fixture.ts'
import { WireClient } from './wire-client.fixture.ts'

const TOKENS = ['nextToken', 'NextToken', 'Marker']
const SIZES = ['maxResults', 'MaxResults', 'MaxItems']

const tokenOf = (after: unknown) => Buffer.from(JSON.stringify({ after })).toString('base64url')

/** The last is of the form of ours, with a number that no table has. */
const WRONG_TOKENS = ['rubbish', tokenOf({}), tokenOf(Number.MAX_SAFE_INTEGER)]
const WRONG_SIZES = [0, -1, 100_000]

/** What each service says of a token it did not give out, and of a size that is none. */
const CODES: Readonly<Record<ServiceName, { readonly token: string; readonly size: string }>> = {
  mgn: { token: 'ValidationException', size: 'ValidationException' },
  iam: { token: 'ValidationError', size: 'ValidationError' },
  sts: { token: 'ValidationError', size: 'ValidationError' },
  ec2: { token: 'InvalidParameterValue', size: 'InvalidParameterValue' },
  ssm: { token: 'InvalidNextToken', size: 'ValidationException' },
}

/** The members of the operation's input that are about pages. */
function pageMembers(service: ServiceName, operation: string): string[] {
  const shape = MODELS[service].shapes[operationOf(service, operation).input ?? '']
  return [...TOKENS, ...SIZES].filter((name) => Object.hasOwn(shape?.members ?? {}, name))
}

function* probesOf(service: ServiceName, operation: string, input: object): Generator<Probe> {
  for (const member of pageMembers(service, operation)) {
    const isToken = TOKENS.includes(member)
    const code = CODES[service][isToken ? 'token' : 'size']
    for (const value of isToken ? WRONG_TOKENS : WRONG_SIZES) {
      const check = (answer: Answer) => {
        const refusal = readRefusal(service, answer)
        assert.equal(refusal.code, code, `${operation} ${value}: ${answer.text}`)
        assert.match(refusal.message, new RegExp(member, 'i'))
      }
      yield { what: `${operation}.${member} ${value}`, input: { ...input, [member]: value }, check }
    }
  }
}

test('tokens that nobody gave out and sizes that are none are refused by every list', async (t) => {
  const { service, landfall } = await startLandfall(t)
  const client = new ProbingClient(new WireClient(service, service.administrator), probesOf)
  await callEverything(t, { client, landfall })
  const lists = implemented().filter((one) => pageMembers(...one).length > 0)
  for (const [, operation] of lists) {
    const isProbed = [...client.probed].some((what) => what.startsWith(`${operation}.`))
    assert.ok(isProbed, `${operation} has pages, and no valid call in a *-calls.fixture.ts`)
  }
  t.diagnostic(`${client.probed.size} calls of ${lists.length} lists`)
})

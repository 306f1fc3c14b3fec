import assert from 'node:assert/strict'
import { test } from 'node:test'
import { callEverything, implemented, NEVER_VALID } from './every-operation.fixture.ts'
import { startLandfall } from './landfall.fixture.ts'
import { readBySdk } from './sdk-client.fixture.ts'
import type { AccessKey, ServiceClient, ServiceName } from './service-client.fixture.ts'
import { outputOrRefusal, WireClient } from './wire-client.fixture.ts'

/** Members that came after the SDK that is installed, by operation and path. */
const NEWER_THAN_SDK = new RegExp(
  String.raw`^\w+\.(enableParametersEncryption|internetProtocol|storeSnapshotOnLocalZone)$|` +
    String.raw`^(Start|List)(Import|Export)s?\.(importTask|exportTask|items)\.(arn|tags)$`,
)

function knownToSdk(value: unknown, path: string): unknown {
  if (Array.isArray(value)) return value.map((item) => knownToSdk(item, path))
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  const entries = Object.entries(value).map(
    ([name, member]) => [name, knownToSdk(member, `${path}.${name}`)] as const,
  )
  return Object.fromEntries(entries.filter(([name]) => !NEWER_THAN_SDK.test(`${path}.${name}`)))
}

/** Signed HTTPS that holds each answer against the model, and against what AWS's SDK reads. */
class CheckingClient implements ServiceClient {
  readonly #wire: WireClient
  /** The operations that answered to a valid call. */
  readonly answered: Set<string>

  constructor(wire: WireClient, answered = new Set<string>()) {
    this.#wire = wire
    this.answered = answered
  }

  as(key: AccessKey): CheckingClient {
    return new CheckingClient(this.#wire.as(key), this.answered)
  }

  async call<Output>(service: ServiceName, operation: string, input: object): Promise<Output> {
    const answer = await this.#wire.ask(service, operation, input)
    const output = outputOrRefusal(service, operation, answer)
    const read = await readBySdk([service, operation, input], answer)
    assert.deepEqual(read, knownToSdk(output, operation), `${operation}: ${answer.text}`)
    this.answered.add(operation)
    return output as Output
  }
}

test('every operation answers a valid call with what its model says and the SDK reads', async (t) => {
  const { service, landfall } = await startLandfall(t)
  const client = new CheckingClient(new WireClient(service, service.administrator))
  await callEverything(t, { client, landfall })
  const missing = implemented().filter(
    ([, name]) => !client.answered.has(name) && !Object.hasOwn(NEVER_VALID, name),
  )
  assert.deepEqual(missing, [], 'give each a valid call in the *-calls.fixture.ts of its service')
  assert.deepEqual(
    Object.keys(NEVER_VALID).filter((name) => client.answered.has(name)),
    [],
  )
  assert.deepEqual(service.log, [])
  t.diagnostic(`${client.answered.size} operations`)
})

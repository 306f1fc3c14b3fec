import assert from 'node:assert/strict'
import { test } from 'node:test'
import { implemented } from './every-operation.fixture.ts'
import { faultsOf, type Fault } from './faults.fixture.ts'
import { startLandfall } from './landfall.fixture.ts'
import { MODELS, operationOf, type ServiceName } from './service-client.fixture.ts'
import type { Answer } from '../http/test-client.ts'
import { readRefusal } from './wire-answer.fixture.ts'
import { WireClient } from './wire-client.fixture.ts'

/** Members of members are wrong in `conformance.test.ts`, where no request is needed for each. */
const DEPTH_MAX = 2

const CODES: Readonly<Record<ServiceName, RegExp>> = {
  mgn: /^ValidationException$/,
  iam: /^ValidationError$/,
  sts: /^ValidationError$/,
  ec2: /^(InvalidParameterValue|MissingParameter)$/,
  ssm: /^ValidationException$/,
}

/** What is wrong in an input of the operation, as far as its protocol can carry that. */
function carried(service: ServiceName, operation: string): readonly Fault[] {
  const { input } = operationOf(service, operation)
  if (input === undefined) return []
  const faults = [...faultsOf(MODELS[service], input, DEPTH_MAX)]
  if (service !== 'mgn' && service !== 'ssm') return faults.filter((one) => one.isSaidInText)
  const { members = {} } = MODELS[service].shapes[input] ?? {}
  const inPath = Object.keys(members).filter((name) => members[name]?.location === 'uri')
  return faults
    .filter(({ field, isSaidInText }) => {
      const [name = ''] = field.split('.')
      return !inPath.includes(name) && (members[name]?.location === undefined || isSaidInText)
    })
    .map((fault) => ({
      ...fault,
      input: { ...Object.fromEntries(inPath.map(arnFor)), ...fault.input },
    }))
}

/** A path without its member is another path. */
function arnFor(name: string): [string, string] {
  return [name, 'arn:aws:mgn:lf-local-1:123456789012:source-server/s-0123456789abcdef0']
}

for (const name of Object.keys(MODELS) as ServiceName[]) {
  test(`${name}: what is wrong in an input is told over HTTPS by its name`, async (t) => {
    const { service } = await startLandfall(t)
    const client = new WireClient(service, service.administrator)
    let count = 0
    for (const [of, operation] of implemented()) {
      if (of !== name) continue
      for (const fault of carried(name, operation)) {
        checkRefusal(name, fault, await client.ask(name, operation, fault.input))
        count += 1
      }
    }
    t.diagnostic(`${count} inputs`)
  })
}

function checkRefusal(service: ServiceName, { input, field, message }: Fault, answer: Answer) {
  const what = `${field} of ${JSON.stringify(input).slice(0, 200)}: ${answer.text}`
  const refusal = readRefusal(service, answer)
  assert.match(refusal.code, CODES[service], what)
  const problem = refusal.message.split('Value at ').find((one) => one.startsWith(`'${field}' `))
  assert.match(problem ?? 'is not named', message, what)
  if (service !== 'mgn') return
  const fields = answer.body['fieldList'] as { readonly name: string }[]
  assert.ok(
    fields.some((one) => one.name === field),
    what,
  )
}

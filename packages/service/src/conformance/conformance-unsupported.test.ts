import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aws } from './aws-cli.fixture.ts'
import { implemented } from './every-operation.fixture.ts'
import { startLandfall } from './landfall.fixture.ts'
import { MODELS, type ServiceName } from './service-client.fixture.ts'
import { readRefusal } from './wire-answer.fixture.ts'
import { WireClient } from './wire-client.fixture.ts'

/** What each service says of an operation that it does not have. */
const CODES: Readonly<Record<ServiceName, string>> = {
  mgn: 'ValidationException',
  iam: 'InvalidAction',
  sts: 'InvalidAction',
  ec2: 'InvalidAction',
  ssm: 'UnknownOperationException',
}

test('every operation of the models that is not there is refused by its name', async (t) => {
  const { service } = await startLandfall(t)
  const client = new WireClient(service, service.administrator)
  const known = new Set(implemented().map(([of, name]) => `${of}:${name}`))
  let count = 0
  for (const [of, { operations }] of Object.entries(MODELS) as [ServiceName, never][]) {
    for (const name of Object.keys(operations)) {
      if (known.has(`${of}:${name}`)) continue
      const answer = await client.ask(of, name, {})
      const { code, message } = readRefusal(of, answer)
      assert.equal(code, CODES[of], `${name}: ${answer.text}`)
      assert.match(message, new RegExp(`does not support .*\\b${name}\\b`))
      if (of === 'mgn') assert.equal(answer.body['reason'], 'unknownOperation')
      count += 1
    }
  }
  t.diagnostic(`${count} operations`)
})

test('what no model here has is refused as its service would', async (t) => {
  const { service } = await startLandfall(t)
  const commands: readonly string[][] = [
    ['ec2', 'run-instances', '--image-id', 'ami-0'],
    ['iam', 'list-roles'],
    ['sts', 'get-federation-token', '--name', 'ann'],
  ]
  for (const command of commands) {
    await assert.rejects(aws(service, command), /InvalidAction.*does not support/s, command[1])
  }
  await assert.rejects(aws(service, ['ssm', 'list-associations']), /UnknownOperationException/)
})

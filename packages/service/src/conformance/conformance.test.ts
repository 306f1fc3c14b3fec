import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LandfallError } from '@landfall/model'
import { iamOperations, stsOperations } from '../identity/operations.ts'
import { TestService as Landfall } from '../test-service.ts'
import { faultsOf } from './faults.fixture.ts'
import { createInputReader } from '../http/read-input.ts'
import { EC2_MODEL, IAM_MODEL, MGN_MODEL, SSM_MODEL, STS_MODEL } from '../http/service-model.ts'

const service = new Landfall({ db: undefined as never })

for (const [model, names] of [
  [MGN_MODEL, Object.keys(service.operations.mgn)],
  [IAM_MODEL, Object.keys(iamOperations)],
  [STS_MODEL, Object.keys(stsOperations)],
  [EC2_MODEL, Object.keys(service.operations.ec2)],
  [SSM_MODEL, Object.keys(service.operations.ssm)],
] as const) {
  test(`${model.signingName}: whatever is wrong in an input is refused by its name`, (t) => {
    let count = 0
    for (const name of names) {
      const shape = model.operations[name]?.input
      if (shape === undefined) continue
      const read = createInputReader(model, shape)
      for (const { input, field, message } of faultsOf(model, shape)) {
        count += 1
        const what = `${name} ${field} ${JSON.stringify(input)?.slice(0, 200)}`
        assert.match(refusalOf(read, input, field), message, what)
      }
    }
    t.diagnostic(`${count} inputs of ${names.length} operations`)
    assert.ok(count > 0)
  })
}

/** What is said of the field; nothing when the input was taken. */
function refusalOf(read: (input: unknown) => object, input: unknown, field: string): string {
  try {
    read(input)
    return 'was taken'
  } catch (error) {
    if (!(error instanceof LandfallError)) throw error
    const problems = error.details.fields?.filter(({ name }) => name === field) ?? []
    return problems.map(({ message }) => message).join('; ') || 'is not named'
  }
}

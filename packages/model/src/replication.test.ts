import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DATA_REPLICATION_ERRORS, replicationFailure } from './replication.ts'

test('every error names its stage, its cause and a remedy', () => {
  const stages = new Set<string>()
  for (const error of DATA_REPLICATION_ERRORS) {
    const { rawError } = replicationFailure(error, 'the cause.')
    const [, stage] = /^([A-Z][^:]+) fails: the cause\. [A-Z].+\.$/.exec(rawError) ?? []
    assert.ok(stage, rawError)
    stages.add(stage)
  }
  assert.equal(stages.size, DATA_REPLICATION_ERRORS.length)
})

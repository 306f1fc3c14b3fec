import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MIB, type DataReplicationError } from '@landfall/model'
import { notConverging, replicationError, replicationState } from './replication-progress.ts'
import type { LinkState } from './replication-progress.ts'
import { RefusedError } from './session.ts'

const LINK: LinkState = {
  isConnected: true,
  wasConnected: true,
  changedAtMs: 0,
  failure: undefined,
  refusal: undefined,
}

test('a growing backlog is told with its arithmetic and the remedy, and data goes on', () => {
  const sentence = 'The wire carries 25.0 of the 25.0 Mbit/s: raise bandwidthThrottling.'
  const error = notConverging(
    { seconds: 120, dirtiedRate: 4 * MIB, durableRate: 3 * MIB },
    { stage: 'wire', sentence },
  )
  assert.deepEqual(error, {
    error: 'NOT_CONVERGING',
    rawError:
      'For 120 seconds writes on the source changed 4.00 MiB/s and 3.00 MiB/s became durable in ' +
      `the replica: the backlog grows by 1.00 MiB/s. ${sentence}`,
  } satisfies DataReplicationError)
  assert.equal(replicationState([], 60, error, LINK), 'BACKLOG')
})

test('a replica that refuses writes stalls the transfer, with its reason', () => {
  const refusal = new RefusedError({ code: 'no_space', message: 'No space left: make some' })
  const error = replicationError([], { ...LINK, refusal })
  assert.deepEqual(error, {
    error: 'FAILED_TO_START_DATA_TRANSFER',
    rawError: 'No space left: make some',
  })
  assert.equal(replicationState([], 60, error, LINK), 'STALLED')
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MIB, type DataReplicationError } from '@landfall/model'
import {
  diskProgress,
  nextAttempt,
  notConverging,
  replicationError,
  replicationState,
} from './replication-progress.ts'
import type { LinkState } from './replication-progress.ts'
import { RefusedError } from './session.ts'
import type { DiskPhase, TrackedDisk } from './tracked-disk.ts'

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
  assert.equal(error?.error, 'FAILED_TO_START_DATA_TRANSFER')
  assert.match(error?.rawError ?? '', /^Data transfer fails: No space left: make some\. It goes on/)
  assert.equal(replicationState([], 60, error, LINK), 'STALLED')
})

test('what is not reached, refused or lost each has its name, and says when it is tried again', () => {
  const lost = { ...LINK, isConnected: false, changedAtMs: -Infinity }
  const failure = new Error('connection reset')
  const refused = new RefusedError({ code: 'not_admitted', message: 'Not admitted' })
  const named = (link: LinkState) => replicationError([], link)?.error
  assert.equal(named({ ...lost, failure }), 'UNSTABLE_NETWORK')
  const never = { ...lost, wasConnected: false }
  assert.equal(named({ ...never, failure }), 'FAILED_TO_CONNECT_AGENT_TO_REPLICATION_SERVER')
  const unpaired = { ...never, failure: refused }
  assert.equal(named(unpaired), 'FAILED_TO_PAIR_REPLICATION_SERVER_WITH_AGENT')
  assert.equal(named({ ...lost, failure, changedAtMs: performance.now() }), undefined)
  assert.deepEqual(nextAttempt(LINK), {})
  const waiting = nextAttempt({ ...lost, nextAttemptAtMs: performance.now() + 60_000 })
  assert.ok((waiting.nextAttemptSeconds ?? 0) > 0)
})

test('the counters of a disk add up in every phase', () => {
  const phases: DiskPhase[] = [
    { kind: 'initial', cursor: MIB },
    { kind: 'rescan', cursor: MIB, open: 1 },
    { kind: 'steady' },
  ]
  for (const phase of phases) {
    // Granules count whole: a disk may have more dirty bytes than bytes.
    for (const backlogBytes of [0, MIB, 4 * MIB, 5 * MIB]) {
      const disk = {
        deviceName: '/dev/sda',
        sizeBytes: 4 * MIB,
        phase,
        backlogBytes,
      } as TrackedDisk
      const told = diskProgress(disk)
      const waiting = Math.min(backlogBytes, 4 * MIB)
      const isInitial = phase.kind === 'initial'
      assert.equal(told.totalStorageBytes, 4 * MIB)
      assert.equal(told.replicatedStorageBytes, isInitial ? 4 * MIB - waiting : 4 * MIB)
      assert.equal(told.backloggedStorageBytes, isInitial ? 0 : waiting)
      const rescanned = { initial: 0, rescan: MIB, steady: 4 * MIB }[phase.kind]
      assert.equal(told.rescannedStorageBytes, rescanned)
    }
  }
})

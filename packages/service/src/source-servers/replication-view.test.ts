import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DATA_REPLICATION_STATES, type AgentReplicationReport } from '@landfall/model'
import { TIMING } from '../timing.ts'
import { isLaunchable, viewReplication, type ReplicationFacts } from './replication-view.ts'

const NOW = new Date('2026-01-10T10:00:00.000Z')
const AT = '2026-01-10T09:00:00.000Z'
const STARTED = new Date(AT)
const MIB = 1024 * 1024

const REPORT: AgentReplicationReport = {
  sourceServerID: 's-00000000000000000',
  state: 'CONTINUOUS',
  error: null,
  disks: [
    {
      deviceName: '/dev/sda',
      totalStorageBytes: MIB,
      replicatedStorageBytes: MIB,
      rescannedStorageBytes: MIB,
      backloggedStorageBytes: 0,
    },
  ],
  readBytes: 0,
  wireBytes: 0,
  lagSeconds: 0,
  results: [],
}

/** A healthy server that has a point. */
const HEALTHY: ReplicationFacts = {
  desired: 'REPLICATING',
  initiation: {
    startedAt: AT,
    volumesCreatedAt: AT,
    pairedAt: AT,
    connectedAt: AT,
    dataAt: AT,
  },
  stagingSeenAt: NOW,
  stagingError: null,
  report: REPORT,
  reportedAt: NOW,
  lastSeenAt: NOW,
  points: { newestTakenAt: new Date(AT), error: null },
  replicatorID: 'i-00000000000000001',
  disks: [{ deviceName: '/dev/sda', bytes: MIB, isBootDisk: true }],
}

const NO_POINT = { newestTakenAt: null, error: null }

const view = (changes: Partial<ReplicationFacts>, now = NOW) =>
  viewReplication({ ...HEALTHY, ...changes }, now, TIMING)

const statuses = (info: ReturnType<typeof view>) =>
  info.dataReplicationInitiation.steps.map((step) => step.status)

test('a healthy server is CONTINUOUS, has no lag, and all steps are behind it', () => {
  const info = view({})
  assert.equal(info.dataReplicationState, 'CONTINUOUS')
  assert.equal(info.lagDuration, 'P0D')
  assert.equal(info.lastSnapshotDateTime, AT)
  assert.equal(info.dataReplicationError, undefined)
  assert.deepEqual(new Set(statuses(info)), new Set(['SUCCEEDED', 'SKIPPED']))
})

test('the steps follow what happened, and the first open one is in progress', () => {
  const initial = { report: null, reportedAt: null, points: NO_POINT, replicatorID: null }
  const current = (changes: Partial<ReplicationFacts>, now = NOW) =>
    view({ ...initial, ...changes }, now).dataReplicationInitiation.steps.find(
      (step) => step.status === 'IN_PROGRESS',
    )?.name
  const startedAt = AT
  const volumes = { startedAt, volumesCreatedAt: AT }
  const open = 'LAUNCH_REPLICATION_SERVER'
  assert.equal(current({ initiation: { startedAt }, stagingSeenAt: null }, STARTED), open)
  assert.equal(current({ initiation: { startedAt } }), 'CREATE_STAGING_DISKS')
  assert.equal(current({ initiation: volumes }), 'PAIR_REPLICATION_SERVER_WITH_AGENT')
  const paired = { ...volumes, pairedAt: AT }
  assert.equal(current({ initiation: paired }), 'CONNECT_AGENT_TO_REPLICATION_SERVER')
  const connected = { ...paired, connectedAt: AT }
  assert.equal(current({ initiation: connected }), 'START_DATA_TRANSFER')
  assert.equal(current({ initiation: { ...connected, dataAt: AT }, report: REPORT }), undefined)
})

test('a later step that is done proves the earlier ones', () => {
  const info = view({ initiation: { startedAt: AT, dataAt: AT } })
  assert.ok(!statuses(info).includes('NOT_STARTED'))
  assert.equal(info.dataReplicationState, 'CONTINUOUS')
})

test('a step that failed is marked, stalls the server, and says when it is tried again', () => {
  const info = view({
    report: null,
    points: NO_POINT,
    initiation: { startedAt: AT, volumesError: 'the disk is full', nextAttemptAt: AT },
  })
  assert.equal(info.dataReplicationState, 'STALLED')
  const { error, rawError } = info.dataReplicationError ?? {}
  assert.equal(error, 'FAILED_TO_CREATE_STAGING_DISKS')
  assert.match(rawError ?? '', /^Creating the staging volumes fails: the disk is full\. Remove/)
  assert.equal(info.dataReplicationInitiation.nextAttemptDateTime, AT)
  assert.equal(statuses(info)[6], 'FAILED')
  assert.equal(statuses(info)[7], 'NOT_STARTED')
})

test('a replication server that never came, or came and went, stalls who waits for it', () => {
  const waits = { report: null, points: NO_POINT, initiation: { startedAt: AT } }
  const never = view({ ...waits, stagingSeenAt: null })
  assert.equal(never.dataReplicationState, 'STALLED')
  assert.equal(never.dataReplicationError?.error, 'FAILED_TO_LAUNCH_REPLICATION_SERVER')
  assert.equal(statuses(never)[2], 'FAILED')
  const gone = view({ ...waits, stagingSeenAt: STARTED })
  assert.equal(gone.dataReplicationError?.error, 'FAILED_TO_AUTHENTICATE_WITH_SERVICE')
  assert.match(gone.dataReplicationError?.rawError ?? '', /silent for PT1H/)
  assert.deepEqual(statuses(gone).slice(2, 5), ['SUCCEEDED', 'SUCCEEDED', 'FAILED'])
  // Once the volumes are there, the agent tells whether data flows.
  assert.equal(view({ stagingSeenAt: STARTED }).dataReplicationState, 'CONTINUOUS')
})

test('an agent that connects again tells when', () => {
  const error = { error: 'UNSTABLE_NETWORK', rawError: 'no line' } as const
  const report = { ...REPORT, state: 'STALLED', error, nextAttemptSeconds: 30 } as const
  const { dataReplicationInitiation: initiation } = view({ report })
  assert.equal(initiation.nextAttemptDateTime, '2026-01-10T10:00:30.000Z')
  assert.equal(
    view({ report: { ...report, state: 'CONTINUOUS', error: null } }).dataReplicationInitiation
      .nextAttemptDateTime,
    undefined,
  )
})

test('an agent that has not heard yet that it is to go on is initiating', () => {
  for (const state of ['PAUSED', 'STOPPED'] as const) {
    const info = view({ report: { ...REPORT, state } })
    assert.equal(info.dataReplicationState, 'INITIATING')
    assert.equal(statuses(info)[10], 'IN_PROGRESS')
  }
})

test('a point that fails now and then is no failure; none for long is', () => {
  const error = 'the freeze took too long'
  const at = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000)
  const once = view({ points: { newestTakenAt: at(20), error } })
  assert.equal(once.dataReplicationError, undefined)
  const late = view({ points: { newestTakenAt: at(31), error } })
  assert.equal(late.dataReplicationError?.error, 'SNAPSHOTS_FAILURE')
  assert.equal(late.dataReplicationState, 'CONTINUOUS')
})

test('a disk that is not there has the size it was registered with', () => {
  const disk = { deviceName: '/dev/sda', totalStorageBytes: 0, replicatedStorageBytes: 0 }
  const none = { rescannedStorageBytes: 0, backloggedStorageBytes: 0 }
  const info = view({ report: { ...REPORT, disks: [{ ...disk, ...none }] } })
  assert.equal(info.replicatedDisks[0]?.totalStorageBytes, MIB)
})

test('an agent that is silent too long is not seen, also one that never came', () => {
  const late = new Date(NOW.getTime() + TIMING.agentNotSeenMs + 1000)
  const info = view({}, late)
  assert.equal(info.dataReplicationState, 'STALLED')
  assert.equal(info.dataReplicationError?.error, 'AGENT_NOT_SEEN')
  assert.equal(info.lagDuration, 'PT5M1S')
  const never = view({ report: null, lastSeenAt: null, initiation: { startedAt: AT } })
  assert.equal(never.dataReplicationError?.error, 'AGENT_NOT_SEEN')
})

test('a server that caught up takes its first point, and shows why that fails', () => {
  assert.equal(view({ points: NO_POINT }).dataReplicationState, 'CREATING_SNAPSHOT')
  const failed = view({ points: { ...NO_POINT, error: 'the freeze took too long' } })
  assert.equal(failed.dataReplicationState, 'CREATING_SNAPSHOT')
  assert.equal(failed.dataReplicationError?.error, 'SNAPSHOTS_FAILURE')
})

test('the staging area and the agent may both stall it', () => {
  const error = { error: 'UNSTABLE_NETWORK', rawError: 'no line' } as const
  assert.deepEqual(view({ stagingError: error }).dataReplicationError, error)
  const told = view({ report: { ...REPORT, state: 'STALLED', error } })
  assert.deepEqual(told.dataReplicationError, error)
  assert.equal(told.dataReplicationState, 'STALLED')
})

test('a backlog that grows is told beside the state: data still flows', () => {
  const error = { error: 'NOT_CONVERGING', rawError: 'writes outrun the wire' } as const
  const info = view({ report: { ...REPORT, state: 'BACKLOG', error } })
  assert.equal(info.dataReplicationState, 'BACKLOG')
  assert.deepEqual(info.dataReplicationError, error)
})

test('what is expected when is shown only while it catches up', () => {
  const report = { ...REPORT, state: 'INITIAL_SYNC', etaSeconds: 60, lagSeconds: 30 } as const
  assert.equal(view({ report }).etaDateTime, '2026-01-10T10:01:00.000Z')
  assert.equal(view({ report }).lagDuration, 'PT30S')
  assert.equal(view({ report: { ...report, state: 'CONTINUOUS' } }).etaDateTime, undefined)
})

test('a disconnected server keeps nothing', () => {
  const info = view({ desired: 'DISCONNECTED' })
  assert.equal(info.dataReplicationState, 'DISCONNECTED')
  assert.equal(info.lagDuration, undefined)
  assert.equal(info.replicatorId, undefined)
  assert.deepEqual(
    info.replicatedDisks.map((disk) => disk.totalStorageBytes),
    [0],
  )
  assert.equal(info.dataReplicationError, undefined)
})

test('nothing that is shown contradicts anything else, whatever the facts', () => {
  const reports = [null, ...DATA_REPLICATION_STATES.map((state) => ({ ...REPORT, state }))]
  const errors = [null, { error: 'UNSTABLE_NETWORK', rawError: '' } as const]
  const initiations = [{}, { startedAt: AT }, { startedAt: AT, volumesError: 'x' }]
  const all = [HEALTHY.initiation, ...initiations]
  for (const desired of ['REPLICATING', 'PAUSED', 'STOPPED', 'DISCONNECTED'] as const) {
    for (const report of reports) {
      for (const stagingError of errors) {
        for (const initiation of all) {
          for (const points of [HEALTHY.points, NO_POINT]) {
            const info = view({ desired, report, stagingError, initiation, points })
            const what = JSON.stringify(info)
            const stalled = info.dataReplicationState === 'STALLED'
            assert.equal(stalled, info.dataReplicationError !== undefined, what)
            assert.equal(isLaunchable(info), info.lastSnapshotDateTime !== undefined, what)
            const open = statuses(info).filter((one) => one === 'IN_PROGRESS' || one === 'FAILED')
            assert.ok(open.length <= 1, what)
            const flows = ['CONTINUOUS', 'INITIAL_SYNC', 'BACKLOG', 'RESCAN']
            if (flows.includes(info.dataReplicationState)) assert.equal(open.length, 0, what)
            if (desired !== 'REPLICATING') assert.equal(info.dataReplicationState, desired, what)
          }
        }
      }
    }
  }
})

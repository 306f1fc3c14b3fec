import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { instanceToken } from '../instances/tokens.ts'
import type { DataReplicationInfo } from '../source-servers/replication-view.ts'
import { createTestService, PROPERTIES, type TestService } from '../test-service.ts'
import { catchUp } from './catch-up.ts'
import { forecastParts } from './parts.ts'
import { scheduleBoots } from './schedule.ts'

const MIB = 1024 * 1024
const NOW = new Date('2026-01-10T09:00:00.000Z')

interface Forecast {
  readonly expectedSeconds?: number
  readonly slowestSeconds?: number
  readonly expectedDateTime?: string
  readonly servers: readonly {
    readonly sourceServerID: string
    readonly expectedSeconds?: number
    readonly unknown?: string
    readonly parts?: readonly {
      readonly name: string
      readonly seconds: number
      readonly basis: string
      readonly samples: number
    }[]
  }[]
}

const forecast = (service: TestService, input: object) =>
  service.call<Forecast>('GetCutoverForecast', input)

function infoOf(
  state: string,
  disk: { readonly replicated?: number; readonly backlog?: number },
  more: Partial<DataReplicationInfo> = {},
): DataReplicationInfo {
  return {
    dataReplicationState: state as DataReplicationInfo['dataReplicationState'],
    dataReplicationInitiation: { steps: [] },
    replicatedDisks: [
      {
        deviceName: '/dev/sda',
        totalStorageBytes: 100 * MIB,
        replicatedStorageBytes: disk.replicated ?? 100 * MIB,
        rescannedStorageBytes: 100 * MIB,
        backloggedStorageBytes: disk.backlog ?? 0,
      },
    ],
    ...more,
  }
}

function reportAt(bytesPerSecond: number) {
  const loads = [{ stage: 'apply' as const, bytesPerSecond, utilisation: 1 }]
  return {
    sourceServerID: 's-1',
    state: 'BACKLOG' as const,
    error: null,
    disks: [],
    readBytes: 0,
    wireBytes: 0,
    lagSeconds: 0,
    results: [],
    stages: { loads, bottleneck: null },
  }
}

suite('catching up', () => {
  const seconds = (...args: Parameters<typeof catchUp>) => {
    const known = catchUp(...args)
    return 'unknown' in known ? known.unknown : known.seconds
  }

  test('takes no time without a backlog', () => {
    assert.equal(seconds({ info: infoOf('CONTINUOUS', {}), report: null }, NOW), 0)
  })

  test('takes what the agent expects, and else the backlog at the rate of now', () => {
    const info = infoOf('BACKLOG', { backlog: 60 * MIB })
    assert.equal(seconds({ info, report: reportAt(10 * MIB) }, NOW), 6)
    const initial = infoOf('INITIAL_SYNC', { replicated: 20 * MIB })
    assert.equal(seconds({ info: initial, report: reportAt(MIB) }, NOW), 80)
    const told = { ...info, etaDateTime: new Date(NOW.getTime() + 42_000).toISOString() }
    assert.equal(seconds({ info: told, report: reportAt(10 * MIB) }, NOW), 42)
  })

  test('is not known while no data flows, and the reason is', () => {
    const info = infoOf('BACKLOG', { backlog: 60 * MIB })
    assert.match(String(seconds({ info, report: reportAt(0) }, NOW)), /60 MiB .* no data flows/)
    const error = { error: 'UNSTABLE_NETWORK' as const, rawError: '' }
    const stalled = infoOf('STALLED', {}, { dataReplicationError: error })
    assert.match(
      String(seconds({ info: stalled, report: null }, NOW)),
      /STALLED \(UNSTABLE_NETWORK\)/,
    )
    assert.match(String(seconds({ info: infoOf('PAUSED', {}), report: null }, NOW)), /is PAUSED/)
  })
})

test('a server’s own past counts before that of others, and that before an assumption', () => {
  const parts = forecastParts({
    catchUp: { seconds: 3, explanation: '' },
    hasInstance: false,
    ofServer: { CONVERSION: [50, 10, 40] },
    ofAll: { CONVERSION: [500], POINT: [8, 4] },
    accelerator: 'kvm',
  })
  assert.deepEqual(
    parts.map(({ name, seconds, slowestSeconds, basis, samples }) => [
      name,
      seconds,
      slowestSeconds,
      basis,
      samples,
    ]),
    [
      ['CATCH_UP', 3, 3, 'MEASURED_NOW', 0],
      ['POINT', 4, 8, 'ALL_SERVERS', 2],
      ['CONVERSION', 40, 50, 'THIS_SERVER', 3],
      ['LAUNCH', 10, 10, 'ASSUMED', 0],
      ['FIRST_BOOT', 30, 30, 'ASSUMED', 0],
    ],
  )
})

suite('servers of one job', () => {
  const times = { untilPoint: 10, conversion: 100, launch: 5, firstBoot: 20 }
  const boots = (
    servers: readonly (typeof times)[],
    at: { servers: number; conversions: number },
  ) => scheduleBoots(servers, at)

  test('a single one takes the sum of its parts', () => {
    assert.deepEqual(boots([times], { servers: 8, conversions: 2 }), [135])
  })

  test('wait for a conversion, in the order of their points', () => {
    const late = { ...times, untilPoint: 60 }
    assert.deepEqual(boots([late, times, times], { servers: 8, conversions: 1 }), [335, 135, 235])
    assert.deepEqual(boots([times, times, times], { servers: 8, conversions: 2 }), [135, 135, 235])
  })

  test('begin when one before them is launched, and do not wait for its boot', () => {
    assert.deepEqual(boots([times, times], { servers: 1, conversions: 2 }), [135, 250])
    assert.deepEqual(boots([], { servers: 1, conversions: 2 }), [])
  })
})

test('a launch is measured, and forecasts the next one of its server and of others', async (t) => {
  const service = await createTestService(t)
  const sourceServerID = await service.readyServer()
  const basisOf = async (id: string) => {
    const { servers } = await forecast(service, { sourceServerIDs: [id] })
    return Object.fromEntries(
      (servers[0]?.parts ?? []).map(({ name, seconds, basis }) => [name, [basis, seconds]]),
    )
  }
  assert.equal((await basisOf(sourceServerID))['CONVERSION']?.[0], 'ASSUMED')

  await service.call('StartTest', { sourceServerIDs: [sourceServerID] })
  // The clock of the service goes on while its jobs do their steps.
  await service.runJobs({
    checkpoint: (name) => {
      if (name === 'CONVERSION 1 started') service.later(70_000)
      if (name === 'LAUNCH 1 started') service.later(4000)
    },
  })
  const { launchedInstance } = await service.server(sourceServerID)
  const instanceID = launchedInstance?.ec2InstanceID ?? assert.fail()
  service.later(33_000)
  const token = instanceToken(service.dependencies.instances.tokenKey, instanceID)
  await service.callForMgn('UpdateAgentConversionInfo', { instanceID, token, hostname: 'web01' })
  await service.report(sourceServerID)

  const own = await basisOf(sourceServerID)
  assert.deepEqual(own, {
    CATCH_UP: ['MEASURED_NOW', 0],
    CLEANUP: ['ASSUMED', 5],
    POINT: ['THIS_SERVER', 0],
    CONVERSION: ['THIS_SERVER', 70],
    LAUNCH: ['THIS_SERVER', 4],
    FIRST_BOOT: ['THIS_SERVER', 33],
  })
  const other = await service.readyServer()
  const others = await basisOf(other)
  assert.deepEqual(others['CONVERSION'], ['ALL_SERVERS', 70])
  assert.equal('CLEANUP' in others, false)
})

test('a wave takes as long as the last of its servers, and names those nobody knows of', async (t) => {
  const service = await createTestService(t)
  const ready = await service.readyServer()
  const syncing = await service.readyServer()
  const { applicationID } = await service.call<{ applicationID: string }>('CreateApplication', {
    name: 'shop',
  })
  const { waveID } = await service.call<{ waveID: string }>('CreateWave', { name: 'first' })
  await assert.rejects(forecast(service, { waveID: 'wave-01234567890123456' }), {
    code: 'not_found',
  })
  assert.deepEqual((await forecast(service, { waveID })).servers, [])
  await service.call('AssociateSourceServers', { applicationID, sourceServerIDs: [ready, syncing] })
  await service.call('AssociateApplications', { waveID, applicationIDs: [applicationID] })
  const disks = PROPERTIES.disks.map(({ deviceName, bytes }) => ({
    deviceName,
    totalStorageBytes: bytes,
    replicatedStorageBytes: bytes,
    rescannedStorageBytes: bytes,
    backloggedStorageBytes: 5 * MIB,
  }))
  await service.report(syncing, { state: 'BACKLOG', disks, etaSeconds: 600 })
  const both = await forecast(service, { waveID })
  const bootOf = (id: string) =>
    both.servers.find((one) => one.sourceServerID === id)?.expectedSeconds ?? assert.fail()
  assert.equal(bootOf(syncing), bootOf(ready) + 600)
  assert.equal(both.expectedSeconds, bootOf(syncing))
  assert.equal(
    both.expectedDateTime,
    new Date(service.clock.getTime() + bootOf(syncing) * 1000).toISOString(),
  )

  await service.call('PauseReplication', { sourceServerID: syncing })
  const paused = await forecast(service, { waveID })
  assert.equal(paused.expectedSeconds, bootOf(ready))
  const unknown = paused.servers.find((one) => one.sourceServerID === syncing)
  assert.match(unknown?.unknown ?? '', /is PAUSED/)
  assert.equal(unknown?.expectedSeconds, undefined)
  await service.call('DisconnectFromService', { sourceServerID: syncing })
  const left = await forecast(service, { waveID })
  assert.deepEqual(
    left.servers.map(({ sourceServerID }) => sourceServerID),
    [ready],
  )
  await assert.rejects(forecast(service, { sourceServerIDs: [] }), { code: 'validation' })
  await assert.rejects(forecast(service, { sourceServerIDs: ['s-00000000000000000'] }), {
    code: 'not_found',
  })
})

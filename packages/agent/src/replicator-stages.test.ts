import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { MIB, type StageReport } from '@landfall/model'
import { LoopDisk } from './replication/loop-disk.ts'
import {
  MemoryReplicationServer,
  testCertificates,
} from './replication/memory-replication-server.ts'
import { startReplicator, type Replicator } from './replicator.ts'
import { Tracker } from './tracking/tracker.ts'

const SERVER_ID = `s-stages${process.pid}`
const certificates = testCertificates(SERVER_ID)

/** A first sync of a disk that does not compress, for as long as `during` takes. */
async function replicate(
  options: { sizeMib: number; throttleMbps: number; writeMsMax?: number },
  during: (replicator: Replicator) => Promise<void>,
): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const stateDir = mkdtempSync('/dev/shm/landfall-test-')
  stack.defer(() => rmSync(stateDir, { recursive: true }))
  stack.defer(() => Tracker.remove(`landfall-${SERVER_ID}`))
  const disk = stack.use(new LoopDisk(options.sizeMib * MIB))
  const noise = ['if=/dev/urandom', `of=${disk.device}`, 'bs=1M', `count=${options.sizeMib}`]
  execFileSync('dd', [...noise, 'conv=fsync'], { stdio: 'ignore' })
  const server = stack.use(await MemoryReplicationServer.start(certificates))
  server.writeMsMax = options.writeMsMax ?? 0
  const abort = new AbortController()
  const replicator = await startReplicator({
    sourceServerID: SERVER_ID,
    disks: [disk.device],
    addresses: ['127.0.0.1'],
    port: server.port,
    tls: certificates,
    stateDir,
    bandwidthThrottlingMbps: options.throttleMbps,
    connections: 3,
    log: () => undefined,
    signal: abort.signal,
  })
  stack.defer(() => replicator.stop())
  // What is under way need not arrive.
  stack.defer(() => abort.abort())
  await during(replicator)
}

async function untilBottleneck(
  replicator: Replicator,
  stage: string,
): Promise<StageReport & { bottleneck: NonNullable<StageReport['bottleneck']> }> {
  for (;;) {
    const { state, stages } = replicator.progress()
    if (stages?.bottleneck?.stage === stage) return { ...stages, bottleneck: stages.bottleneck }
    assert.notEqual(state, 'CONTINUOUS', `the sync is over, and ${stage} never was its bottleneck`)
    await sleep(100)
  }
}

test('a throttled sync names the wire, and the throttle it is set to', async () => {
  await replicate({ sizeMib: 64, throttleMbps: 20 }, async (replicator) => {
    assert.deepEqual(replicator.progress().stages, undefined)
    const { bottleneck, loads } = await untilBottleneck(replicator, 'wire')
    assert.match(
      bottleneck.sentence,
      /^The wire carries [\d.]+ of the 20\.0 Mbit\/s set as bandwidth throttling and is busy \d+ %/,
    )
    assert.deepEqual(
      loads.map((load) => load.stage),
      ['read', 'compress', 'wire', 'apply', 'flush'],
    )
    const wire = loads.find((load) => load.stage === 'wire')
    assert.ok((wire?.utilisation ?? 0) >= 0.5)
  })
})

test('a replication server that answers slowly is named', async () => {
  const slow = { sizeMib: 160, throttleMbps: 0, writeMsMax: 4000 }
  await replicate(slow, async (replicator) => {
    const { bottleneck } = await untilBottleneck(replicator, 'apply')
    assert.match(bottleneck.sentence, /^The replication server takes [\d.]+ MiB\/s/)
  })
})

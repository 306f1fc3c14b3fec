import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { MIB, type Mismatch, type ScrubReport } from '@landfall/model'
import { FioLoad, LoopDisk } from './replication/loop-disk.ts'
import {
  MemoryReplicationServer,
  testCertificates,
} from './replication/memory-replication-server.ts'
import { startReplicator, type Replicator } from './replicator.ts'
import { Tracker } from './tracking/tracker.ts'

const SERVER_ID = `s-scrub${process.pid}`
const SIZE_BYTES = 64 * MIB
/** As fast as it goes: a pass over the small disks here takes a second. */
const FAST = 1024 * MIB
const certificates = testCertificates(SERVER_ID)

/** A disk with a filesystem, its replica in memory, and agents one after the other. */
class Setup implements AsyncDisposable {
  readonly stack = new AsyncDisposableStack()
  readonly log: string[] = []
  readonly disk: LoopDisk
  readonly server: MemoryReplicationServer
  readonly #stateDir = mkdtempSync('/dev/shm/landfall-test-')

  private constructor(server: MemoryReplicationServer) {
    this.stack.defer(() => rmSync(this.#stateDir, { recursive: true }))
    this.stack.defer(() => Tracker.remove(`landfall-${SERVER_ID}`))
    this.disk = this.stack.use(new LoopDisk(SIZE_BYTES))
    this.disk.mountExt4()
    this.server = this.stack.use(server)
  }

  static async make(): Promise<Setup> {
    return new Setup(await MemoryReplicationServer.start(certificates))
  }

  /** An agent whose disk is in sync; it can be ended as if it were killed. */
  async start(scrubBytesPerSecond: number): Promise<{ replicator: Replicator; kill: () => void }> {
    const killed = new AbortController()
    const replicator = await startReplicator({
      sourceServerID: SERVER_ID,
      disks: [this.disk.device],
      addresses: ['127.0.0.1'],
      port: this.server.port,
      tls: certificates,
      stateDir: this.#stateDir,
      bandwidthThrottlingMbps: 0,
      scrubBytesPerSecond,
      connections: 3,
      log: (message) => this.log.push(message),
      signal: killed.signal,
    })
    this.stack.defer(() => replicator.stop())
    await until(() => replicator.progress().state === 'CONTINUOUS')
    return { replicator, kill: () => killed.abort() }
  }

  get volume(): Buffer {
    return this.server.volume(this.disk.device)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stack.disposeAsync()
  }
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await sleep(20)
}

function scrubOf(replicator: Replicator): ScrubReport {
  const { scrub } = replicator.progress()
  assert.ok(scrub)
  return scrub
}

async function untilPassEnded(replicator: Replicator): Promise<void> {
  const { startedAt } = scrubOf(replicator)
  await until(() => scrubOf(replicator).startedAt !== startedAt)
}

/** Without what differs from one run to the next. */
function offsetsOf(mismatches: readonly Mismatch[]): unknown[] {
  return mismatches.map(({ foundBy, deviceName, offset, differentBytes, pointID }) => ({
    foundBy,
    deviceName,
    offset,
    differentBytes,
    pointID,
  }))
}

test('a block that changed in the replica is found, told, sent again and found equal', async () => {
  await using setup = await Setup.make()
  const { replicator } = await setup.start(FAST)
  await untilPassEnded(replicator)
  assert.deepEqual(replicator.proof.mismatches.waiting(), [])
  setup.volume.fill(7, 40 * MIB + 4096, 40 * MIB + 4097)
  await until(() => replicator.proof.mismatches.waiting().length > 0)
  const found = replicator.proof.mismatches.waiting()
  const { device: deviceName } = setup.disk
  const mismatch = { deviceName, offset: 40 * MIB, differentBytes: MIB, pointID: undefined }
  assert.deepEqual(offsetsOf(found), [{ foundBy: 'SCRUB', ...mismatch }])
  assert.ok(setup.log.some((line) => line.includes(`${deviceName} at ${40 * MIB} differ`)))

  await until(() => scrubOf(replicator).disks[0]?.unrepairedBytes === 0)
  assert.equal(setup.volume.readUInt8(40 * MIB + 4096), 0)
  replicator.proof.mismatches.taken(found)
  await untilPassEnded(replicator)
  assert.deepEqual(replicator.proof.mismatches.waiting(), [])
})

test('writes under way are never taken for a mismatch', async () => {
  await using setup = await Setup.make()
  setup.server.writeMsMax = 20
  const { replicator } = await setup.start(FAST)
  const looks = (): number => setup.server.received.filter(({ type }) => type === 'hash').length
  {
    // A few writes a second to every range: some looks find it quiet, and others do not.
    await using _load = new FioLoad(setup.disk.mountPoint, { sizeMib: 32, rateIops: 100 })
    await until(() => looks() > SIZE_BYTES / MIB)
  }
  assert.deepEqual(replicator.proof.mismatches.waiting(), [])
  for (let pass = 0; pass < 2; pass++) await untilPassEnded(replicator)
  assert.deepEqual(replicator.proof.mismatches.waiting(), [])
  assert.equal(scrubOf(replicator).lastPass?.changingBytes, 0)
})

test('a clean restart goes on with the pass; after a kill the rescan is a whole one', async () => {
  await using setup = await Setup.make()
  const first = await setup.start(8 * MIB)
  await until(() => (scrubOf(first.replicator).disks[0]?.verifiedBytes ?? 0) >= 8 * MIB)
  await first.replicator.stop()
  const before = scrubOf(first.replicator)
  const second = await setup.start(0)
  const after = scrubOf(second.replicator)
  assert.equal(after.startedAt, before.startedAt)
  assert.equal(after.disks[0]?.verifiedBytes, before.disks[0]?.verifiedBytes)
  assert.equal(after.lastPass, undefined)

  second.kill()
  await second.replicator.stop()
  const third = await setup.start(0)
  assert.equal(scrubOf(third.replicator).lastPass?.changingBytes, 0)
})

test('what a verification finds is a mismatch like any other, and outlives a clean restart', async () => {
  await using setup = await Setup.make()
  const first = await setup.start(0)
  await first.replicator.createPoint('point-0', new AbortController().signal)
  const { device: deviceName } = setup.disk
  setup.server.points
    .get('point-0')
    ?.disks.get(deviceName)
    ?.fill(9, 50 * MIB, 50 * MIB + 1)
  const { signal } = new AbortController()
  await first.replicator.verify({ pointID: 'point-0', signal })
  setup.volume.fill(7, 45 * MIB, 45 * MIB + 1)
  await first.replicator.verify({ signal })
  assert.equal(scrubOf(first.replicator).disks[0]?.unrepairedBytes, MIB)
  await first.replicator.stop()

  const second = await setup.start(FAST)
  const mismatch = { foundBy: 'VERIFICATION', deviceName, differentBytes: MIB }
  assert.deepEqual(offsetsOf(second.replicator.proof.mismatches.waiting()), [
    { ...mismatch, offset: 50 * MIB, pointID: 'point-0' },
    { ...mismatch, offset: 45 * MIB, pointID: undefined },
  ])
  await until(() => scrubOf(second.replicator).disks[0]?.unrepairedBytes === 0)
})

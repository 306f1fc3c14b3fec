import assert from 'node:assert/strict'
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { alignedBuffer } from '@landfall/block'
import { MIB } from '@landfall/model'
import { FioLoad, LoopDisk } from './replication/loop-disk.ts'
import { startReplicator, type ReplicatorOptions } from './replicator.ts'
import { Setup, until, untilState } from './replicator-setup.fixture.ts'

const { signal } = new AbortController()

/** e2fsck on a copy: 0 only when nothing at all is wrong but the journal to be replayed. */
function checkFilesystem(t: TestContext, content: Buffer): void {
  const folder = mkdtempSync('/var/tmp/landfall-check-')
  t.after(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'disk.img')
  writeFileSync(file, content)
  execFileSync('e2fsck', ['-fn', file], { stdio: 'pipe' })
}

test('follows a filesystem under load; under freeze the replica is the disk, byte for byte', async () => {
  await using setup = await Setup.make({ disks: 2 })
  setup.server.writeMsMax = 3
  const replicator = await setup.start()
  {
    await using _one = new FioLoad(setup.disks[0]!.mountPoint, { sizeMib: 16, rateIops: 2000 })
    await using _two = new FioLoad(setup.disks[1]!.mountPoint, { sizeMib: 16, rateIops: 1000 })
    await untilState(replicator, 'CONTINUOUS')
    await sleep(2000)
  }
  await setup.assertIdentical(replicator)
  const report = await replicator.verify({ signal })
  for (const disk of report.disks) {
    assert.equal(disk.differentBytes, 0)
    assert.equal(disk.equalBytes, 64 * MIB)
  }
})

test('zeros of a replica nothing was ever written to are not sent', async () => {
  await using setup = await Setup.make({ disks: 1, ext4: false })
  const replicator = await setup.start()
  await untilState(replicator, 'CONTINUOUS')
  const writes = setup.server.received.filter(({ type }) => type === 'data' || type === 'zero')
  assert.deepEqual(writes, [])
})

test('points under load hold a whole filesystem and everything acknowledged before', async (t) => {
  await using setup = await Setup.make({ disks: 1 })
  const disk = setup.disks[0]!
  const replicator = await setup.start()
  await untilState(replicator, 'CONTINUOUS')
  await using _load = new FioLoad(disk.mountPoint, { sizeMib: 16, rateIops: 2000 })
  for (let round = 0; round < 4; round++) {
    writeFileSync(path.join(disk.mountPoint, 'record'), `record ${round}\n`, { flush: true })
    const description = await replicator.createPoint(`point-${round}`, signal)
    assert.equal(description.consistency, 'filesystem')
    assert.deepEqual(description.frozen, [disk.mountPoint])
    const content = setup.server.points.get(`point-${round}`)?.disks.get(disk.device)
    assert.ok(content)
    assert.ok(content.includes(`record ${round}\n`))
    checkFilesystem(t, content)
    const report = await replicator.verify({ pointID: `point-${round}`, signal })
    assert.equal(report.disks[0]?.differentBytes, 0)
  }
})

/** Appends 4 KiB records, each with the next number, to two files in turn, each made durable. */
async function writeInTurn(paths: readonly string[], stop: AbortSignal): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_DIRECT | constants.O_DSYNC
  const files = await Promise.all(paths.map((file) => open(file, flags)))
  const block = alignedBuffer(4096)
  for (let number = 1; !stop.aborted; number++) {
    block.fill(0)
    block.write(`LFREC ${number} `)
    const position = Math.floor((number - 1) / 2) * 4096
    await files[(number - 1) % 2]?.write(block, 0, 4096, position)
  }
  for (const file of files) await file.close()
}

function recordsIn(content: Buffer): number[] {
  const numbers: number[] = []
  // A small ext4 has blocks of 1 KiB.
  for (let at = 0; at < content.length; at += 1024) {
    const found = /^LFREC (\d+) /.exec(content.toString('latin1', at, at + 24))
    if (found) numbers.push(Number(found[1]))
  }
  return numbers
}

test('two disks written in turn: every point holds a gapless prefix over both', async () => {
  await using setup = await Setup.make({ disks: 2 })
  const replicator = await setup.start()
  await untilState(replicator, 'CONTINUOUS')
  const stop = new AbortController()
  const paths = setup.disks.map((disk) => path.join(disk.mountPoint, 'records'))
  const writing = writeInTurn(paths, stop.signal)
  try {
    for (let round = 0; round < 5; round++) {
      await sleep(100)
      await replicator.createPoint(`point-${round}`, signal)
      const point = setup.server.points.get(`point-${round}`)
      const contents = setup.disks.map((disk) => point?.disks.get(disk.device) ?? Buffer.alloc(0))
      // Blocks that ext4 moved or has in its journal show a record twice.
      const numbers = [...new Set(contents.flatMap(recordsIn))].toSorted((a, b) => a - b)
      assert.ok(numbers.length > 0)
      assert.equal(numbers.at(-1), numbers.length, `point ${round} has a gap`)
    }
  } finally {
    stop.abort()
    await writing
  }
})

test('a raw device gives a crash-consistent point of one moment, and says so', async () => {
  await using setup = await Setup.make({ disks: 1, ext4: false })
  const { device } = setup.disks[0]!
  const replicator = await setup.start()
  await untilState(replicator, 'CONTINUOUS')
  writeFileSync(device, 'raw data', { flag: 'r+', flush: true })
  const description = await replicator.createPoint('point-raw', signal)
  assert.equal(description.consistency, 'crash')
  assert.equal(description.freezeMs, 0)
  assert.match(description.notFrozen[0]?.why ?? '', /raw device/)
  const content = setup.server.points.get('point-raw')?.disks.get(device)
  assert.equal(content?.toString('latin1', 0, 8), 'raw data')
})

test('connections cut and servers crashed at any moment lose nothing', async () => {
  await using setup = await Setup.make({ disks: 2 })
  setup.server.writeMsMax = 5
  const replicator = await setup.start()
  {
    await using _load = new FioLoad(setup.disks[0]!.mountPoint, { sizeMib: 16, rateIops: 2000 })
    for (let round = 0; round < 8; round++) {
      await sleep(200 + Math.random() * 900)
      if (round % 2 === 0) setup.server.cut()
      else setup.server.crash()
    }
  }
  await setup.assertIdentical(replicator)
})

test('a point survives a connection that breaks in the middle of it', async (t) => {
  await using setup = await Setup.make({ disks: 1 })
  const disk = setup.disks[0]!
  const replicator = await setup.start()
  await untilState(replicator, 'CONTINUOUS')
  let crashes = 0
  replicator.onChange(() => {
    if (replicator.progress().state !== 'CREATING_SNAPSHOT' || crashes > 0) return
    crashes += 1
    setup.server.crash()
  })
  writeFileSync(path.join(disk.mountPoint, 'record'), 'before the point', { flush: true })
  await replicator.createPoint('point-cut', signal)
  assert.equal(crashes, 1)
  const content = setup.server.points.get('point-cut')?.disks.get(disk.device)
  assert.ok(content)
  assert.ok(content.includes('before the point'))
  checkFilesystem(t, content)
  await setup.assertIdentical(replicator)
})

test('a replica without space stalls with the reason, and goes on when there is space', async () => {
  await using setup = await Setup.make({ disks: 1 })
  const replicator = await setup.start()
  await untilState(replicator, 'CONTINUOUS')
  setup.server.refusal = { code: 'no_space', message: 'The staging disk is full: make space' }
  writeFileSync(path.join(setup.disks[0]!.mountPoint, 'file'), Buffer.alloc(MIB, 1), {
    flush: true,
  })
  await untilState(replicator, 'STALLED')
  assert.match(replicator.progress().error?.rawError ?? '', /make space/)
  setup.server.refusal = undefined
  await untilState(replicator, 'CONTINUOUS')
  await setup.assertIdentical(replicator)
})

test('a clean stop and start go on without a rescan, and miss nothing between', async () => {
  await using setup = await Setup.make({ disks: 1 })
  const first = await setup.start()
  await untilState(first, 'CONTINUOUS')
  await first.createPoint('point-0', signal)
  await first.stop()
  const file = path.join(setup.disks[0]!.mountPoint, 'file')
  writeFileSync(file, Buffer.alloc(MIB, 2), { flush: true })
  const second = await setup.start()
  await untilState(second, 'CONTINUOUS')
  await setup.assertIdentical(second)
  assert.ok(!setup.server.received.some(({ type }) => type === 'hash'))
  const report = await second.verify({ pointID: 'point-0', signal })
  assert.equal(report.disks[0]?.differentBytes, 0)
  assert.notEqual(report.disks[0]?.changedBytes, 0)
})

function writeRandom(device: string): void {
  const what = ['if=/dev/urandom', `of=${device}`, 'bs=64k', 'count=4', 'conv=fsync']
  execFileSync('dd', what, { stdio: 'ignore' })
}

test('a disk that fails is named and stalls; the others go on', async () => {
  await using setup = await Setup.make({ disks: 2, ext4: false })
  const replicator = await setup.start()
  await untilState(replicator, 'CONTINUOUS')
  const [failing, healthy] = setup.disks as [LoopDisk, LoopDisk]
  // The kernel reports the write, and the disk is gone when it is to be read.
  writeRandom(failing.device)
  failing.fail()
  await untilState(replicator, 'STALLED')
  assert.match(replicator.progress().error?.rawError ?? '', new RegExp(failing.device))
  writeRandom(healthy.device)
  const expected = await healthy.content()
  await until(() => expected.equals(setup.server.volume(healthy.device)))
})

test('a defect on a quiet range is found, reported and repaired', async () => {
  await using setup = await Setup.make({ disks: 1 })
  const { device } = setup.disks[0]!
  const replicator = await setup.start()
  await untilState(replicator, 'CONTINUOUS')
  setup.server.volume(device).fill(7, 40 * MIB, 40 * MIB + 1)
  const found = await replicator.verify({ signal })
  assert.deepEqual(found.disks[0]?.differentOffsets, [40 * MIB])
  await setup.assertIdentical(replicator)
  assert.equal((await replicator.verify({ signal })).disks[0]?.differentBytes, 0)
})

/** The replicator in a process that can be killed. */
class AgentProcess implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #said: { readonly state?: string }[] = []

  constructor(options: ReplicatorOptions) {
    const file = path.join(options.stateDir, 'options.json')
    writeFileSync(file, JSON.stringify(options))
    const program = path.join(import.meta.dirname, 'replicator-process.fixture.ts')
    this.#child = spawn(process.execPath, [program, file], { stdio: ['pipe', 'pipe', 'inherit'] })
    createInterface({ input: this.#child.stdout! }).on('line', (line) =>
      this.#said.push(JSON.parse(line) as { state?: string }),
    )
  }

  async untilState(state: string): Promise<void> {
    await until(() => this.#said.findLast((one) => one.state !== undefined)?.state === state)
  }

  startPoint(pointID: string): void {
    this.#child.stdin?.write(`point ${pointID}\n`)
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill('SIGKILL')
    await once(this.#child, 'exit')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
  }
}

test('an agent killed at any moment compares after its restart, and the replica is right', async () => {
  await using setup = await Setup.make({ disks: 1 })
  const disk = setup.disks[0]!
  await using _load = new FioLoad(disk.mountPoint, { sizeMib: 16, rateIops: 1000 })
  for (let round = 0; round < 4; round++) {
    await using agent = new AgentProcess(setup.options())
    await agent.untilState('CONTINUOUS')
    await sleep(Math.random() * 1000)
    // Half of them in the middle of a point, perhaps with the filesystem frozen.
    if (round % 2 === 1) agent.startPoint(`point-${round}`)
    await sleep(Math.random() * 500)
    await agent.kill()
  }
  // Frozen by nobody: this returns.
  writeFileSync(path.join(disk.mountPoint, 'record'), 'written', { flush: true })
  await _load[Symbol.asyncDispose]()
  const replicator = await setup.start()
  await untilState(replicator, 'RESCAN')
  await untilState(replicator, 'CONTINUOUS')
  await setup.assertIdentical(replicator)
  assert.equal((await replicator.verify({ signal })).disks[0]?.differentBytes, 0)
})

test('a verification goes on over the next session when its own is cut', async () => {
  await using setup = await Setup.make({ disks: 1 })
  const replicator = await setup.start()
  await untilState(replicator, 'CONTINUOUS')
  const asked = (): number => setup.server.received.filter(({ type }) => type === 'hash').length
  const verifying = replicator.verify({ signal })
  for (const before of [0, 8]) {
    while (asked() <= before) await sleep(0)
    setup.server.cut()
  }
  assert.equal((await verifying).disks[0]?.equalBytes, 64 * MIB)
})

test('a verification waits until an agent that was killed is connected and has compared', async () => {
  await using setup = await Setup.make({ disks: 1 })
  const killed = new AbortController()
  const first = await startReplicator({ ...setup.options(), signal: killed.signal })
  await untilState(first, 'CONTINUOUS')
  killed.abort()
  await first.stop()
  const second = await setup.start()
  assert.notEqual(second.progress().state, 'CONTINUOUS')
  const report = await second.verify({ signal })
  assert.equal(report.disks[0]?.equalBytes, 64 * MIB)
})

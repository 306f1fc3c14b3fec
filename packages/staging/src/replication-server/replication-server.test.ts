import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crc32, zstdCompressSync } from 'node:zlib'
import { newId } from '@landfall/model'
import { jsonPayload, PROTOCOL_VERSION } from '@landfall/wire'
import { MemoryVolumeSet } from '../volumes/memory-volumes.ts'
import { StorageError } from '../volumes/storage-error.ts'
import { somePoint } from '../volumes/staging-volume.contract.ts'
import type { StagingVolume } from '../volumes/staging-volume.ts'
import { keyedHash, someHello, TestAgent } from './test-agent.ts'
import { TestAuthority } from './test-certificates.ts'
import {
  agentIdentity,
  authority,
  connected,
  DISKS,
  GOOD,
  MIB,
  scattered,
  SERVER_ID,
  start,
} from './test-replication-server.ts'
import { bytesOf } from '../volumes/test-read.ts'

test('data, zeros, flush, hash and point are answered and done', async (t) => {
  const started = await start(t)
  const agent = await TestAgent.connect(started.server.port, agentIdentity)
  t.after(() => agent[Symbol.asyncDispose]())
  const welcome = await agent.hello(someHello(SERVER_ID, DISKS.toReversed()))
  assert.ok(welcome)
  assert.deepEqual(jsonPayload(welcome), {
    disks: DISKS.toReversed().map((disk) => ({ ...disk, pristine: true })),
  })
  const data = Buffer.alloc(MIB, 'abc')
  const compressed = zstdCompressSync(data)
  const fields = { offset: MIB, length: MIB, checksum: crc32(data) }
  // Disk 1 of this hello is volume 0.
  await agent.ask('data', { ...fields, disk: 1, compressed: true, payload: compressed })
  await agent.ask('zero', { disk: 1, offset: MIB, length: 4096 })
  const ranges = [4 * 4096, 9 * 4096].map((offset) => ({ offset: MIB + offset, length: 4096 }))
  await agent.ask('scatter', { disk: 1, ...scattered(ranges) })
  assert.equal((await agent.ask('flush')).type, 'durable')
  const expected = Buffer.from(data).fill(0, 0, 4096)
  for (const { offset, length } of ranges) expected.fill(7, offset - MIB, offset - MIB + length)
  assert.ok(expected.equals(await bytesOf(started.set.volume(0), MIB, MIB)))

  const point = somePoint()
  const payload = Buffer.from(JSON.stringify(point))
  assert.equal((await agent.ask('point', { payload })).type, 'durable')
  await agent.ask('zero', { disk: 1, offset: MIB, length: MIB })
  const range = { disk: 1, offset: MIB, length: MIB }
  assert.equal(await agent.hash(range), keyedHash(Buffer.alloc(MIB)))
  assert.equal(await agent.hash(range, point.pointID), keyedHash(expected))
  assert.deepEqual(started.events, [`connected ${SERVER_ID}`, `point ${SERVER_ID}`])
  assert.deepEqual(started.log, [])
})

test('nothing is taken before the hello', async (t) => {
  const started = await start(t)
  await using agent = await TestAgent.connect(started.server.port, agentIdentity)
  await agent.send('data', { length: 4096, payload: GOOD })
  assert.equal(await agent.fatalCode(), 'bad_frame')
  assert.equal(started.set.describe()[0]?.pristine, true)
})

test('another server, a server not admitted, other disks and versions are refused', async (t) => {
  const started = await start(t)
  const other = newId('sourceServer')
  const cases = [
    { hello: someHello(other, DISKS), code: 'not_admitted' },
    { hello: someHello(SERVER_ID, []), code: 'no_volume' },
    { hello: someHello(SERVER_ID, [DISKS[0]!, DISKS[0]!]), code: 'no_volume' },
    {
      hello: someHello(SERVER_ID, [
        { deviceName: '/dev/sda', sizeBytes: MIB },
        DISKS[1] ?? DISKS[0]!,
      ]),
      code: 'no_volume',
    },
    {
      hello: { ...someHello(SERVER_ID, DISKS), protocolVersion: PROTOCOL_VERSION + 1 },
      code: 'bad_frame',
    },
  ]
  for (const { hello, code } of cases) {
    await using agent = await TestAgent.connect(started.server.port, agentIdentity)
    const answer = await agent.hello(hello)
    assert.equal(answer?.type, 'fatal')
    assert.equal(jsonPayload(answer).code, code)
  }
  started.admitted.clear()
  await using agent = await TestAgent.connect(started.server.port, agentIdentity)
  const answer = await agent.hello(someHello(SERVER_ID, DISKS))
  assert.ok(answer)
  assert.equal(jsonPayload(answer).code, 'not_admitted')
})

test('an agent that lacks a disk replicates the others, and gets no point', async (t) => {
  const started = await start(t)
  const agent = await connected(t, started, someHello(SERVER_ID, DISKS.slice(1)))
  assert.equal((await agent.ask('zero', { disk: 0, length: 4096 })).type, 'written')
  const payload = Buffer.from(JSON.stringify(somePoint()))
  const answer = await agent.ask('point', { payload })
  assert.equal(answer.type, 'refused')
  assert.equal(jsonPayload(answer).code, 'no_volume')
})

test('a certificate of another role, or of another authority, gets no answer', async (t) => {
  const started = await start(t)
  await using otherAuthority = await TestAuthority.create()
  const foreign = await otherAuthority.issue('agent', SERVER_ID)
  const role = await authority.issue('replication-server', newId('sourceServer'))
  for (const identity of [role, { ...foreign, caPem: agentIdentity.caPem }]) {
    const agent = await TestAgent.connect(started.server.port, identity)
    const answer = await agent.hello(someHello(SERVER_ID, DISKS)).catch(() => undefined)
    assert.equal(answer, undefined)
    await agent[Symbol.asyncDispose]()
  }
  assert.deepEqual(started.events, [])
})

test('a broken connection ends all connections of the session', async (t) => {
  const started = await start(t)
  const hello = someHello(SERVER_ID, DISKS)
  const first = await connected(t, started, hello)
  const second = await connected(t, started, hello)
  first.channel.destroy()
  assert.equal(await second.next(), undefined)
  await using late = await TestAgent.connect(started.server.port, agentIdentity)
  const answer = await late.hello(hello)
  assert.ok(answer)
  assert.equal(jsonPayload(answer).code, 'superseded')
})

/** A volume set whose writes wait until they are let go. */
class HeldSet extends MemoryVolumeSet {
  readonly order: string[] = []
  readonly release = Promise.withResolvers<void>()
  readonly begun = Promise.withResolvers<void>()

  override volume(index: number): StagingVolume {
    const volume = super.volume(index)
    return {
      ...volume,
      write: async (offset, data) => {
        this.begun.resolve()
        await this.release.promise
        await volume.write(offset, data)
        this.order.push(`wrote ${data[0]}`)
      },
    }
  }
}

test('a newer session is welcomed only after the last write of the older one', async (t) => {
  const set = new HeldSet(SERVER_ID, DISKS)
  const started = await start(t, set)
  const old = await connected(t, started)
  await old.send('data', { length: 4096, payload: GOOD })
  await set.begun.promise
  const next = await TestAgent.connect(started.server.port, agentIdentity)
  t.after(() => next[Symbol.asyncDispose]())
  const welcome = next.hello(someHello(SERVER_ID, DISKS)).then((answer) => {
    set.order.push(answer?.type ?? 'closed')
  })
  assert.equal(await old.fatalCode(), 'superseded')
  set.release.resolve()
  await welcome
  await next.ask('data', { length: 4096, payload: Buffer.alloc(4096, 2) })
  assert.deepEqual(set.order, ['wrote 1', 'welcome', 'wrote 2'])
})

test('a full staging disk refuses the write, and the session goes on', async (t) => {
  const set = new MemoryVolumeSet(SERVER_ID, DISKS)
  const volume = set.volume(0)
  let isFull = true
  set.volume = () => ({
    ...volume,
    write: async (offset, data) => {
      if (isFull) throw new StorageError('no_space', 'ENOSPC')
      await volume.write(offset, data)
    },
  })
  const agent = await connected(t, await start(t, set))
  const refused = await agent.ask('data', { length: 4096, payload: GOOD })
  assert.equal(refused.type, 'refused')
  assert.equal(jsonPayload(refused).code, 'no_space')
  isFull = false
  assert.equal((await agent.ask('data', { length: 4096, payload: GOOD })).type, 'written')
})

test('lost volumes end the session with the reason', async (t) => {
  const started = await start(t)
  const agent = await connected(t, started)
  started.set.lose('killed')
  assert.equal(await agent.fatalCode(), 'storage_failed')
})

test('the socket is not read while four MiB wait for the disk', async (t) => {
  const set = new HeldSet(SERVER_ID, DISKS)
  const agent = await connected(t, await start(t, set))
  let sent = 0
  const payload = Buffer.alloc(MIB, 1)
  const sending = Array.from({ length: 64 }, async () => {
    await agent.send('data', { length: MIB, payload })
    sent++
  })
  // Sent counts frames the kernel took: sockets buffer a few MiB on both sides.
  await set.begun.promise
  await new Promise((resolve) => setTimeout(resolve, 500))
  assert.ok(sent < 40, `${sent} MiB were taken`)
  set.release.resolve()
  await Promise.all(sending)
})

test('shutting down tells the agents and leaves no connection', async (t) => {
  const started = await start(t)
  const agent = await connected(t, started)
  const { port } = started.server
  const closing = started.server[Symbol.asyncDispose]()
  assert.equal(await agent.fatalCode(), 'shutting_down')
  await closing
  await assert.rejects(TestAgent.connect(port, agentIdentity))
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crc32, zstdCompressSync } from 'node:zlib'
import type { Frame, FrameType } from '@landfall/wire'
import { connected, GOOD, MIB, scattered, start } from './test-replication-server.ts'

const BOMB = zstdCompressSync(Buffer.alloc(64 * MIB))
interface BadFrame {
  readonly name: string
  readonly type: FrameType
  readonly fields: Partial<Omit<Frame, 'type'>>
  readonly code: string
}
const BAD_FRAMES: readonly BadFrame[] = [
  {
    name: 'a wrong length',
    type: 'data',
    fields: { length: 512, payload: GOOD },
    code: 'bad_frame',
  },
  {
    name: 'a wrong checksum',
    type: 'data',
    fields: { length: 4096, payload: GOOD, checksum: 1 },
    code: 'bad_frame',
  },
  {
    name: 'a decompression bomb',
    type: 'data',
    fields: { length: 4096, payload: BOMB, compressed: true },
    code: 'bad_frame',
  },
  {
    name: 'compressed data that is not zstd',
    type: 'data',
    fields: { length: 4096, payload: GOOD, compressed: true },
    code: 'bad_frame',
  },
  {
    name: 'data past the end of the disk',
    type: 'data',
    fields: { disk: 1, offset: 4 * MIB - 512, length: 4096, payload: GOOD },
    code: 'out_of_range',
  },
  {
    name: 'an offset near the largest integer',
    type: 'data',
    fields: { offset: Number.MAX_SAFE_INTEGER, length: 4096, payload: GOOD },
    code: 'out_of_range',
  },
  {
    name: 'a disk that the hello did not name',
    type: 'data',
    fields: { disk: 2, length: 4096, payload: GOOD },
    code: 'out_of_range',
  },
  {
    name: 'a scatter without a table',
    type: 'scatter',
    fields: { length: 4096, payload: Buffer.alloc(4096) },
    code: 'bad_frame',
  },
  {
    name: 'a scatter whose last range is past the end',
    type: 'scatter',
    fields: scattered([0, 8 * MIB - 512].map((offset) => ({ offset, length: 4096 }))),
    code: 'out_of_range',
  },
  { name: 'zeros past the end', type: 'zero', fields: { length: 9 * MIB }, code: 'out_of_range' },
  { name: 'zeros of no length', type: 'zero', fields: { length: 0 }, code: 'out_of_range' },
  {
    name: 'zeros with a payload',
    type: 'zero',
    fields: { length: 512, payload: GOOD },
    code: 'bad_frame',
  },
  { name: 'an answer as a request', type: 'written', fields: {}, code: 'bad_frame' },
  { name: 'a second hello', type: 'hello', fields: { payload: GOOD }, code: 'bad_frame' },
  { name: 'a point without JSON', type: 'point', fields: { payload: GOOD }, code: 'bad_frame' },
  { name: 'a hash without a key', type: 'hash', fields: { length: 4096 }, code: 'bad_frame' },
  {
    name: 'a hash with a short key',
    type: 'hash',
    fields: { length: 4096, payload: Buffer.from('{"key":"AAAA"}') },
    code: 'bad_frame',
  },
  {
    name: 'a point whose ID is a path',
    type: 'point',
    fields: { payload: Buffer.from('{"pointID":"../../x","consistency":"crash"}') },
    code: 'bad_frame',
  },
]

for (const { name, type, fields, code } of BAD_FRAMES) {
  test(`${name} is refused, logged once, and leaves the volume as it was`, async (t) => {
    const started = await start(t)
    const agent = await connected(t, started)
    await agent.send(type, fields)
    assert.equal(await agent.fatalCode(), code)
    assert.equal(await agent.channel.closed, undefined)
    assert.equal(started.log.length, 1)
    assert.ok(started.log[0]?.includes(code))
    assert.deepEqual(
      started.set.describe().map((disk) => disk.pristine),
      [true, true],
    )
  })
}

test('bytes that are not the protocol end the connection', async (t) => {
  for (const bytes of [Buffer.from('GET / HTTP/1.1\r\n\r\n'.repeat(9)), Buffer.alloc(40)]) {
    const started = await start(t)
    const agent = await connected(t, started)
    agent.socket.write(bytes)
    assert.equal(await agent.fatalCode(), 'bad_frame')
    assert.equal(started.log.length, 1)
  }
})

test('an unknown type and an oversized payload end the connection', async (t) => {
  for (const header of [headerWith(4, 99), headerWith(28, 2 * MIB)]) {
    const started = await start(t)
    const agent = await connected(t, started)
    agent.socket.write(header)
    assert.equal(await agent.fatalCode(), 'bad_frame')
  }
})

/**
 * A flush header with one field replaced: `at` 4 is the type (8 bit), `at` 28 the payload's length.
 */
function headerWith(at: number, value: number): Buffer {
  const header = Buffer.alloc(40)
  header.writeUInt32BE(0x4c465231, 0)
  header.writeUInt8(6, 4)
  if (at === 4) header.writeUInt8(value, at)
  else header.writeUInt32BE(value, at)
  header.writeUInt32BE(crc32(header.subarray(0, 36)), 36)
  return header
}

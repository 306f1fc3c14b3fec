import assert from 'node:assert/strict'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { crc32, zstdCompress } from 'node:zlib'
import { encodeHeader, frame, FrameDecoder, HEADER_BYTES, jsonFrame, type Frame } from './frame.ts'
import { DATA_BYTES_MAX, PAYLOAD_BYTES_MAX } from './limits.ts'
import { jsonPayload } from './messages.ts'
import { dataPayload } from './payload.ts'

const compress = promisify(zstdCompress)

function encode(of: Frame): Buffer {
  return Buffer.concat([encodeHeader(of), of.payload])
}

/** Deterministic, so that a failure can be repeated by its seed. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return (state >>> 8) % below
  }
}

const SAMPLE = frame('data', {
  disk: 3,
  sequence: 2 ** 40 + 5,
  offset: 2 ** 42,
  length: 4,
  payload: Buffer.from([1, 2, 3, 4]),
})

// Recorded from version 1 of the protocol: an old peer sends exactly these bytes.
const SAMPLE_HEX =
  '4c46523103000003000001000000000500000400000000000000000400000004' +
  'b63cfbcde64215c5' +
  '01020304'

test('still reads and writes the recorded bytes of version 1', () => {
  assert.equal(encode(SAMPLE).toString('hex'), SAMPLE_HEX)
  const [decoded] = [...new FrameDecoder().push(Buffer.from(SAMPLE_HEX, 'hex'))]
  assert.deepEqual(decoded, SAMPLE)
})

test('frames survive any cut of the stream into chunks', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const random = randomNumbers(seed)
    const sent = Array.from({ length: 20 }, (_, sequence) =>
      frame('data', {
        sequence,
        disk: random(50),
        offset: random(2 ** 30) * 4096,
        length: 4096,
        payload: Buffer.alloc(random(200), sequence),
      }),
    )
    const stream = Buffer.concat(sent.map(encode))
    const decoder = new FrameDecoder()
    const received: Frame[] = []
    for (let at = 0; at < stream.length;) {
      const end = at + 1 + random(120)
      received.push(...decoder.push(stream.subarray(at, end)))
      at = end
    }
    assert.deepEqual(received, sent, `seed ${seed}`)
  }
})

test('a header with any byte changed is refused', () => {
  const bytes = encode(SAMPLE)
  for (let at = 0; at < HEADER_BYTES; at++) {
    const broken = Buffer.from(bytes)
    broken[at] = (broken[at] ?? 0) ^ 0x10
    assert.throws(() => [...new FrameDecoder().push(broken)], /Bad replication frame/, `byte ${at}`)
  }
})

test('unknown types and flags, and numbers beyond 2^53, are refused under a right checksum', () => {
  const change = (edit: (header: Buffer) => void): Buffer => {
    const header = encodeHeader(SAMPLE)
    edit(header)
    header.writeUInt32BE(crc32(header.subarray(0, 36)), 36)
    return header
  }
  const edits: ((header: Buffer) => void)[] = [
    (header) => header.writeUInt8(99, 4),
    (header) => header.writeUInt8(0x82, 5),
    (header) => header.writeBigUInt64BE(2n ** 60n, 8),
    (header) => header.writeBigUInt64BE(2n ** 63n, 16),
    (header) => header.writeUInt32BE(PAYLOAD_BYTES_MAX + 1, 28),
  ]
  for (const [index, edit] of edits.entries()) {
    const decode = (): unknown => [...new FrameDecoder().push(change(edit))]
    assert.throws(decode, /Bad replication frame/, `edit ${index}`)
  }
})

test('content comes back from compressed and from plain payloads', async () => {
  const content = Buffer.alloc(65536, 'landfall')
  const plain = frame('data', { sequence: 1, length: content.length, payload: content })
  assert.deepEqual(Buffer.from(await dataPayload(plain)), content)
  const packed = frame('data', {
    sequence: 2,
    length: content.length,
    payload: await compress(content),
    compressed: true,
    checksum: crc32(content),
  })
  assert.deepEqual(Buffer.from(await dataPayload(packed)), content)
})

test('content that is not what its header says is refused', async () => {
  const content = Buffer.alloc(4096, 1)
  const good = frame('data', { sequence: 1, length: 4096, payload: content })
  const packed = await compress(content)
  const bad: Record<string, Frame> = {
    'too short': { ...good, length: 8192 },
    'too long': { ...good, length: 2048 },
    empty: { ...good, length: 0 },
    oversize: { ...good, length: DATA_BYTES_MAX + 1 },
    checksum: { ...good, checksum: good.checksum ^ 1 },
    'bit flipped': { ...good, payload: Buffer.alloc(4096, 2) },
    'not zstd': { ...good, compressed: true },
    'grows beyond its length': { ...good, compressed: true, payload: packed, length: 1024 },
    'cut zstd': { ...good, compressed: true, payload: packed.subarray(0, packed.length - 3) },
  }
  for (const [name, one] of Object.entries(bad)) {
    await assert.rejects(dataPayload(one), /Bad replication frame/, name)
  }
})

test('JSON payloads must be objects', () => {
  assert.deepEqual(jsonPayload(jsonFrame('hello', 1, { a: 1 })), { a: 1 })
  for (const payload of ['', '1', 'null', '{', '"x"']) {
    const one = frame('hello', { sequence: 1, payload: Buffer.from(payload) })
    assert.throws(() => jsonPayload(one), /not JSON/)
  }
})

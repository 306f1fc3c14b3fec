import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { crc32, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { LandfallError } from '@landfall/model'
import { encodeHeader, frame, FRAME_TYPE, FrameDecoder, HEADER_BYTES } from './frame.ts'
import type { Frame, FrameType } from './frame.ts'
import { PAYLOAD_BYTES_MAX } from './limits.ts'
import { jsonPayload } from './messages.ts'
import { dataPayload } from './payload.ts'

// What a broken or hostile peer may send. fast-check prints seed and smallest case on failure.

const SAFE = fc.maxSafeNat()
const TYPES = Object.keys(FRAME_TYPE) as FrameType[]

/** Any frame an honest peer may send, its payload small or just beyond a typical chunk. */
const anyFrame: fc.Arbitrary<Frame> = fc
  .record({
    type: fc.constantFrom(...TYPES),
    disk: fc.nat(0xffff),
    sequence: SAFE,
    offset: SAFE,
    length: fc.nat(0xffffffff),
    compressed: fc.boolean(),
    checksum: fc.nat(0xffffffff),
    payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  })
  .map(({ type, ...fields }) => frame(type, fields))

/** A data frame whose content is checked by what it announces. */
const honestData: fc.Arbitrary<Frame> = fc
  .record({
    sequence: SAFE,
    offset: SAFE,
    content: fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    compressed: fc.boolean(),
  })
  .map(({ content, compressed, ...fields }) =>
    frame('data', {
      ...fields,
      length: content.length,
      compressed,
      checksum: crc32(content),
      payload: compressed ? zstdCompressSync(content) : content,
    }),
  )

/** Where the stream is cut into chunks. */
const cuts = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 40 })

function streamOf(frames: readonly Frame[]): Buffer {
  return Buffer.concat(frames.flatMap((one) => [encodeHeader(one), one.payload]))
}

interface Outcome {
  readonly frames: Frame[]
  readonly error: unknown
}

/** Feeds the stream in chunks of the given sizes, over and over, until its end or an error. */
function decode(stream: Buffer, sizes: readonly number[]): Outcome {
  const decoder = new FrameDecoder()
  const frames: Frame[] = []
  try {
    for (let at = 0, turn = 0; at < stream.length; turn += 1) {
      const end = at + (sizes[turn % sizes.length] ?? 1)
      frames.push(...decoder.push(stream.subarray(at, end)))
      at = end
    }
  } catch (error) {
    return { frames, error }
  }
  return { frames, error: undefined }
}

function isBadFrame(error: unknown): boolean {
  return error instanceof LandfallError && error.code === 'validation'
}

function isPrefix(part: readonly Frame[], whole: readonly Frame[]): boolean {
  return part.every((one, index) => isSame(one, whole[index]))
}

function isSame(one: Frame, other: Frame | undefined): boolean {
  return other !== undefined && streamOf([one]).equals(streamOf([other]))
}

/** The data frames that a replication server would write, up to the first it refuses. */
async function accepted({ frames }: Outcome): Promise<{ sequence: number; content: string }[]> {
  const found = []
  for (const one of frames) {
    const content = await dataPayload(one).catch((error: unknown) => {
      assert.ok(isBadFrame(error), `not a clear error: ${String(error)}`)
    })
    if (content === undefined) break
    found.push({ sequence: one.sequence, content: Buffer.from(content).toString('hex') })
  }
  return found
}

test('any frames come back the same through any cut of the stream', () => {
  fc.assert(
    fc.property(fc.array(anyFrame, { maxLength: 20 }), cuts, (sent, sizes) => {
      const { frames, error } = decode(streamOf(sent), sizes)
      assert.equal(error, undefined)
      assert.equal(frames.length, sent.length)
      assert.ok(isPrefix(frames, sent))
    }),
  )
})

test('any bytes at all give frames or one clear error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), cuts, (bytes, sizes) => {
      const { error } = decode(Buffer.from(bytes), sizes)
      assert.ok(error === undefined || isBadFrame(error), String(error))
    }),
    { numRuns: 2000 },
  )
})

test('any header under a right checksum gives a frame or one clear error', () => {
  const fields = fc.uint8Array({ minLength: 32, maxLength: 32 })
  fc.assert(
    fc.property(fields, fc.uint8Array({ maxLength: 200 }), (bytes, rest) => {
      const header = encodeHeader(frame('data', { sequence: 0 }))
      header.set(bytes, 4)
      header.writeUInt32BE(crc32(header.subarray(0, 36)), 36)
      const { frames, error } = decode(Buffer.concat([header, rest]), [1000])
      assert.ok(error === undefined || isBadFrame(error), String(error))
      for (const { sequence, offset } of frames) {
        assert.ok(Number.isSafeInteger(sequence) && Number.isSafeInteger(offset))
      }
    }),
    { numRuns: 2000 },
  )
})

test('a stream cut off anywhere gives the whole frames before the cut and nothing else', () => {
  fc.assert(
    fc.property(
      fc.array(anyFrame, { minLength: 1 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (sent, at) => {
        const stream = streamOf(sent)
        const { frames, error } = decode(stream.subarray(0, Math.floor(stream.length * at)), [97])
        assert.equal(error, undefined)
        assert.ok(isPrefix(frames, sent))
      },
    ),
  )
})

test('bytes overwritten anywhere never bring content that nobody sent', async () => {
  const damage = fc.record({
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    // A burst of up to 32 bits: CRC-32 finds every one of them.
    bits: fc.integer({ min: 1, max: 0xffffffff }),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(honestData, { minLength: 1, maxLength: 8 }),
      damage,
      async (sent, { at, bits }) => {
        const clean = streamOf(sent)
        const broken = Buffer.from(clean)
        const from = Math.min(Math.floor(at * clean.length), clean.length - 4)
        broken.writeUInt32BE((broken.readUInt32BE(from) ^ bits) >>> 0, from)
        const outcome = decode(broken, [61])
        assert.ok(outcome.error === undefined || isBadFrame(outcome.error))
        const expected = await accepted(decode(clean, [61]))
        const found = await accepted(outcome)
        assert.deepEqual(found, expected.slice(0, found.length))
      },
    ),
  )
})

test('chunks left out, repeated or swapped never bring content that nobody sent', async () => {
  const edit = fc.constantFrom('leave out', 'repeat', 'swap')
  const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  await fc.assert(
    fc.asyncProperty(
      fc.array(honestData, { minLength: 2, maxLength: 8 }),
      fc.integer({ min: 1, max: 200 }),
      place,
      edit,
      async (sent, size, at, how) => {
        const chunks = chunksOf(streamOf(sent), size)
        const index = Math.floor(at * (chunks.length - 1))
        const [one, next] = [chunks[index] ?? Buffer.alloc(0), chunks[index + 1] ?? Buffer.alloc(0)]
        const instead = { 'leave out': [next], repeat: [one, one, next], swap: [next, one] }[how]
        chunks.splice(index, 2, ...instead)
        const outcome = decode(Buffer.concat(chunks), [1000])
        assert.ok(outcome.error === undefined || isBadFrame(outcome.error))
        const real = await accepted(decode(streamOf(sent), [1000]))
        const realOnes = new Set(real.map((each) => JSON.stringify(each)))
        for (const each of await accepted(outcome)) assert.ok(realOnes.has(JSON.stringify(each)))
      },
    ),
  )
})

test('content of any frame is exactly as long as announced, or refused', async () => {
  await fc.assert(
    fc.asyncProperty(anyFrame, fc.boolean(), async (one, isRightLength) => {
      const claimed = isRightLength ? { ...one, length: one.payload.length } : one
      const content = await dataPayload(claimed).catch((error: unknown) => {
        assert.ok(isBadFrame(error), String(error))
      })
      if (content !== undefined) assert.equal(content.length, claimed.length)
    }),
  )
})

test('JSON of any frame is an object that was sent so, or refused', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(), (value, bit) => {
      const payload = Buffer.from(JSON.stringify(value))
      const one = frame('point', { sequence: 1, payload })
      assert.deepEqual(jsonPayload(one), JSON.parse(String(payload)))
      const flipped = Buffer.from(payload)
      const at = bit % (payload.length * 8)
      flipped[at >> 3] = (flipped[at >> 3] ?? 0) ^ (1 << (at & 7))
      assert.throws(() => jsonPayload({ ...one, payload: flipped }), isBadFrame)
    }),
  )
})

test('after the first error a decoder gives nothing more', () => {
  const decoder = new FrameDecoder()
  const good = streamOf([frame('flush', { sequence: 1 })])
  assert.throws(() => [...decoder.push(Buffer.alloc(HEADER_BYTES, 1))], isBadFrame)
  assert.throws(() => [...decoder.push(good)], isBadFrame)
})

test('an oversized payload is refused by its header alone', () => {
  const header = encodeHeader(frame('data', { sequence: 1 }))
  header.writeUInt32BE(PAYLOAD_BYTES_MAX + 1, 28)
  header.writeUInt32BE(crc32(header.subarray(0, 36)), 36)
  assert.throws(() => [...new FrameDecoder().push(header)], isBadFrame)
})

test('a frame that arrives byte by byte takes no more memory than its payload', () => {
  const header = encodeHeader(
    frame('data', { sequence: 1, payload: Buffer.alloc(PAYLOAD_BYTES_MAX) }),
  )
  const decoder = new FrameDecoder()
  assert.deepEqual([...decoder.push(header)], [])
  const beforeBytes = heldBytes()
  for (let byte = 1; byte < PAYLOAD_BYTES_MAX; byte += 1) {
    // Each chunk has memory of its own, as what comes out of a TLS record has.
    assert.equal(decoder.push(Buffer.from(new ArrayBuffer(1))).next().done, true)
  }
  const grownBytes = heldBytes() - beforeBytes
  assert.equal([...decoder.push(Buffer.alloc(1))].length, 1)
  assert.ok(grownBytes < 2 * PAYLOAD_BYTES_MAX, `${grownBytes} bytes for a frame of 1 MiB`)
})

/** Memory in use after everything that is no longer needed was let go. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

function chunksOf(stream: Buffer, size: number): Buffer[] {
  const count = Math.ceil(stream.length / size)
  return Array.from({ length: count }, (_, index) =>
    stream.subarray(index * size, (index + 1) * size),
  )
}

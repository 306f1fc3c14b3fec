import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AGENT_FRAME_BYTES_MAX, AgentFrameDecoder, encodeAgentFrame } from './agent-channel.ts'

const REQUEST = { id: '1', action: 'Ping', input: { text: 'ä\n"\u0001' } }
const ANSWER = { id: '2', status: 200, body: {} }

test('frames come out as they went in, however the stream is cut', () => {
  const bytes = Buffer.concat([encodeAgentFrame(REQUEST), encodeAgentFrame(ANSWER)])
  for (const size of [1, 2, 3, 7, 16, bytes.length]) {
    const decoder = new AgentFrameDecoder()
    const found: unknown[] = []
    for (let at = 0; at < bytes.length; at += size) {
      found.push(...decoder.push(bytes.subarray(at, at + size)))
    }
    assert.deepEqual(found, [REQUEST, ANSWER], `pieces of ${size}`)
  }
})

test('a frame that breaks off takes no other with it', () => {
  for (let cut = 0; cut < encodeAgentFrame(REQUEST).length; cut += 1) {
    const decoder = new AgentFrameDecoder()
    decoder.push(encodeAgentFrame(REQUEST).subarray(0, cut))
    const found = decoder.push(encodeAgentFrame(ANSWER))
    assert.deepEqual(found.at(-1), ANSWER, `cut after ${cut} bytes`)
  }
})

test('nonsense is skipped, and of a line without an end not more is kept than a frame', () => {
  const decoder = new AgentFrameDecoder()
  const nonsense = Buffer.from('\n\n{"a":\n\xff\xfe\n[[[[\n', 'latin1')
  assert.deepEqual(decoder.push(nonsense), [])
  const piece = Buffer.alloc(64 * 1024, '[')
  const before = process.memoryUsage().arrayBuffers
  for (let bytes = 0; bytes < 50 * AGENT_FRAME_BYTES_MAX; bytes += piece.length) {
    assert.deepEqual(decoder.push(piece), [])
  }
  const grown = process.memoryUsage().arrayBuffers - before
  assert.ok(grown < 20 * AGENT_FRAME_BYTES_MAX, `${grown} bytes more`)
  assert.deepEqual(decoder.push(encodeAgentFrame(ANSWER)), [ANSWER])
})

test('the largest frame is taken, and one byte more is not', () => {
  const frameOf = (bytes: number) => {
    const empty = encodeAgentFrame({ ...ANSWER, id: '' }).length - 2
    return { ...ANSWER, id: 'x'.repeat(bytes - empty) }
  }
  const decoder = new AgentFrameDecoder()
  assert.equal(decoder.push(encodeAgentFrame(frameOf(AGENT_FRAME_BYTES_MAX))).length, 1)
  assert.equal(decoder.push(encodeAgentFrame(frameOf(AGENT_FRAME_BYTES_MAX + 1))).length, 0)
  assert.deepEqual(decoder.push(encodeAgentFrame(ANSWER)), [ANSWER])
})

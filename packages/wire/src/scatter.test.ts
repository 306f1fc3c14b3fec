import assert from 'node:assert/strict'
import { test } from 'node:test'
import { frame, type Frame } from './frame.ts'
import { SCATTER_RANGES_MAX } from './limits.ts'
import { scatterRanges, scatterTableBytes, writeScatterTable } from './scatter.ts'

const BASE = 2 ** 43

function content(ranges: readonly { offset: number; length: number }[]): Buffer {
  const table = Buffer.alloc(scatterTableBytes(ranges.length))
  writeScatterTable(table, BASE, ranges)
  const data = ranges.map(({ length }, index) => Buffer.alloc(length, index + 1))
  return Buffer.concat([table, ...data])
}

function scatter(payload: Buffer): Frame {
  return frame('scatter', { sequence: 1, offset: BASE, length: payload.length, payload })
}

test('the ranges come back as they were put in, up to 2 TiB apart', () => {
  const ranges = [
    { offset: BASE, length: 4096 },
    { offset: BASE + 4096, length: 512 },
    { offset: BASE + 2 ** 41 - 512, length: 8192 },
  ]
  const payload = content(ranges)
  const found = scatterRanges(scatter(payload), payload)
  assert.deepEqual(
    found.map(({ offset, data }) => ({ offset, length: data.length })),
    ranges,
  )
  assert.ok(found.every(({ data }, index) => data.every((byte) => byte === index + 1)))
})

test('a table that does not fit its content is a bad frame', () => {
  const whole = content([
    { offset: BASE, length: 4096 },
    { offset: BASE + 8192, length: 4096 },
  ])
  const change = (edit: (payload: Buffer) => Buffer | undefined): Buffer => {
    const payload = Buffer.from(whole)
    return edit(payload) ?? payload
  }
  const bad = {
    empty: Buffer.alloc(0),
    'no ranges': change((payload) => void payload.writeUInt32BE(0, 0)),
    'too many': change((payload) => void payload.writeUInt32BE(SCATTER_RANGES_MAX + 1, 0)),
    'a table cut short': whole.subarray(0, 12),
    'data cut short': whole.subarray(0, -1),
    'data left over': Buffer.concat([whole, Buffer.alloc(1)]),
    'an empty range': change((payload) => void payload.writeUInt32BE(0, 8)),
    'an overlap': change((payload) => void payload.writeUInt32BE(7, 12)),
    'a length beyond the content': change((payload) => void payload.writeUInt32BE(2 ** 31, 8)),
  }
  for (const [what, payload] of Object.entries(bad)) {
    assert.throws(() => scatterRanges(scatter(payload), payload), { code: 'validation' }, what)
  }
})

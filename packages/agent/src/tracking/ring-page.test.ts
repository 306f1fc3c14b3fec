import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseEventFormat, parsePageFormat } from './event-format.ts'
import { readRingPage } from './ring-page.ts'

// Recorded from Linux 6.18.
const FORMAT_6_18 = `name: block_rq_complete
ID: 2107
format:
	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
	field:unsigned char common_flags;	offset:2;	size:1;	signed:0;
	field:unsigned char common_preempt_count;	offset:3;	size:1;	signed:0;
	field:int common_pid;	offset:4;	size:4;	signed:1;

	field:dev_t dev;	offset:8;	size:4;	signed:0;
	field:sector_t sector;	offset:16;	size:8;	signed:0;
	field:unsigned int nr_sector;	offset:24;	size:4;	signed:0;
	field:int error;	offset:28;	size:4;	signed:1;
	field:unsigned short ioprio;	offset:32;	size:2;	signed:0;
	field:char rwbs[10];	offset:34;	size:10;	signed:0;
	field:__data_loc char[] cmd;	offset:44;	size:4;	signed:0;
`
const PAGE_6_18 = `	field: u64 timestamp;	offset:0;	size:8;	signed:0;
	field: local_t commit;	offset:8;	size:8;	signed:1;
	field: int overwrite;	offset:8;	size:1;	signed:1;
	field: char data;	offset:16;	size:4080;	signed:0;
`
const format = { event: parseEventFormat(FORMAT_6_18), page: parsePageFormat(PAGE_6_18) }
const DEVICE = 7 * 2 ** 20 + 3
const RECORD_BYTES = 48

function record(rwbs: string, sector: number, sectors: number, id = 2107): Buffer {
  const bytes = Buffer.alloc(RECORD_BYTES)
  bytes.writeUInt16LE(id, 0)
  bytes.writeUInt32LE(DEVICE, 8)
  bytes.writeBigUInt64LE(BigInt(sector), 16)
  bytes.writeUInt32LE(sectors, 24)
  bytes.write(rwbs, 34)
  return bytes
}

function entry(type: number, body: Buffer, delta = 1): Buffer {
  const header = Buffer.alloc(4)
  header.writeUInt32LE(((delta << 5) | type) >>> 0)
  return Buffer.concat([header, body])
}

function sized(body: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32LE(body.length + 4)
  return Buffer.concat([length, body])
}

function page(entries: Buffer[], flags = 0): Buffer {
  const data = Buffer.concat(entries)
  const bytes = Buffer.alloc(4096, 0xee)
  bytes.writeUInt32LE((data.length | flags) >>> 0, 8)
  data.copy(bytes, 16)
  return bytes
}

function read(bytes: Buffer): { writes: number[][]; lost: boolean } {
  const writes: number[][] = []
  const { lost } = readRingPage(bytes, format, (...write) => writes.push(write))
  return { writes, lost }
}

test('reports everything that changes a disk and nothing else', () => {
  const kinds = ['R', 'RA', 'FRS', 'W', 'WS', 'FWFS', 'D', 'DS', 'N', 'WZ', 'FF', 'RM']
  const entries = kinds.map((rwbs, index) =>
    entry(RECORD_BYTES / 4, record(rwbs, index * 8, rwbs === 'FF' ? 0 : 8)),
  )
  const { writes, lost } = read(page(entries))
  assert.equal(lost, false)
  const reported = writes.map(([, offset = 0]) => kinds[offset / 4096])
  assert.deepEqual(reported, ['W', 'WS', 'FWFS', 'D', 'DS', 'N', 'WZ'])
  assert.deepEqual(writes[0], [DEVICE, 3 * 4096, 4096])
})

test('finds its way over time stamps, paddings, long entries and events of others', () => {
  const eight = Buffer.alloc(4)
  const { writes } = read(
    page([
      entry(30, eight),
      entry(0, sized(record('W', 2 ** 33, 8))),
      entry(31, eight),
      entry(29, sized(Buffer.alloc(16))),
      entry(RECORD_BYTES / 4, record('W', 0, 8, 9)),
      entry(RECORD_BYTES / 4, record('W', 16, 8)),
      entry(29, Buffer.alloc(20), 0),
    ]),
  )
  assert.deepEqual(writes, [
    [DEVICE, 2 ** 42, 4096],
    [DEVICE, 8192, 4096],
  ])
})

test('says so when events before the page were lost', () => {
  assert.equal(read(page([entry(12, record('W', 0, 8))], 0x8000_0000)).lost, true)
  assert.equal(read(page([entry(12, record('W', 0, 8))], 0xc000_0000)).lost, true)
})

test('a page that makes no sense counts as loss', () => {
  const cut = page([entry(12, record('W', 0, 8))])
  cut.writeUInt32LE(20, 8)
  assert.equal(read(cut).lost, true)
  const tooLong = page([])
  tooLong.writeUInt32LE(5000, 8)
  assert.equal(read(tooLong).lost, true)
  assert.equal(read(page([entry(0, Buffer.alloc(8))])).lost, true)
})

test('a kernel with an unknown layout is refused, not misread', () => {
  const wider = FORMAT_6_18.replace('offset:24;	size:4', 'offset:24;	size:8')
  assert.throws(() => parseEventFormat(wider), /not supported/)
  assert.throws(() => parseEventFormat('ID: 1\n'), /not supported/)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseRecordsCheck, requireRecords } from './records-check.ts'

const WHOLE = { records: 20, first: 1, last: 20, bad: 0, torn: 7 }

test("the checker's line is found on the console between other lines", () => {
  const console_ = 'boot\r\nLANDFALL-DEMO records=20 first=1 last=20 bad=0 torn=7\r\nlogin:'
  assert.deepEqual(parseRecordsCheck(console_), WHOLE)
  assert.equal(parseRecordsCheck('LANDFALL-DEMO records=2'), undefined)
})

test('records beyond the promised ones are welcome; missing, bad or absent ones are not', () => {
  requireRecords(WHOLE, 18)
  assert.throws(() => requireRecords(WHOLE, 21), { code: 'internal' })
  assert.throws(() => requireRecords({ ...WHOLE, bad: 1 }, 18), { code: 'internal' })
  assert.throws(() => requireRecords({ ...WHOLE, records: 19 }, 18), { code: 'internal' })
})

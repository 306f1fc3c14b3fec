import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { until } from './instance.fixture.ts'
import { SerialPort } from './serial-port.ts'

/**
 * A real port takes a guest: test/guests/isolated.test.ts. A FIFO that is open for both reading and
 * writing is its own other end, holds 64 KiB, and is not ready as a port is not: EAGAIN.
 */
test('what is written comes out at the other end, more than it holds at once', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'landfall-port-'))
  t.after(() => rm(folder, { recursive: true }))
  const path = join(folder, 'port')
  await assert.rejects(SerialPort.open(path, { onBytes() {}, onGone() {} }), { code: 'ENOENT' })
  await promisify(execFile)('mkfifo', [path])
  const received: Uint8Array[] = []
  let gone = 0
  const port = await SerialPort.open(path, {
    onBytes: (bytes) => received.push(bytes),
    onGone: () => (gone += 1),
  })
  const sent = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251))
  const { signal } = new AbortController()
  const halves = [sent.subarray(0, 200_000), sent.subarray(200_000)]
  await Promise.all(halves.map((half) => port.write(half, signal)))
  await until(() => received.reduce((sum, one) => sum + one.length, 0) === sent.length)
  assert.ok(Buffer.concat(received).equals(sent))
  assert.equal(gone, 0)
  port.close()
  await assert.rejects(port.write(sent, signal))
  await until(() => gone === 1)
})

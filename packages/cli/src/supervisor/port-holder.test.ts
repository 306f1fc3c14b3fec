import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { test } from 'node:test'
import { findPortHolder, requireFreePort } from './port-holder.ts'

test('a taken port is refused, naming the process that has it', async () => {
  await using server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const holder = await findPortHolder(port)
  assert.ok(typeof holder === 'object')
  assert.equal(holder.pid, process.pid)
  await assert.rejects(requireFreePort(port, '--port'), {
    code: 'conflict',
    message: new RegExp(`port ${port} is taken by process ${process.pid} .*--port`),
  })
})

test('a free port is nobody’s', async () => {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  assert.equal(await findPortHolder(port), undefined)
})

import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { test, type TestContext } from 'node:test'
import { Channel, type ChannelOptions } from './channel.ts'
import { encodeHeader, frame, jsonFrame } from './frame.ts'

async function socketPair(t: TestContext): Promise<[net.Socket, net.Socket]> {
  const server = net.createServer({ allowHalfOpen: false })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const accepted = once(server, 'connection') as Promise<[net.Socket]>
  const left = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1')
  const [right] = await accepted
  t.after(() => {
    left.destroy()
    right.destroy()
    server.close()
  })
  return [left, right]
}

async function channelPair(t: TestContext, options?: ChannelOptions): Promise<[Channel, Channel]> {
  const [left, right] = await socketPair(t)
  return [new Channel(left, options), new Channel(right, options)]
}

async function next(frames: AsyncIterator<unknown>): Promise<unknown> {
  return (await frames.next()).value
}

test('carries frames both ways, in order', async (t) => {
  const [left, right] = await channelPair(t)
  const sent = [1, 2, 3].map((sequence) => jsonFrame('hello', sequence, { sequence }))
  for (const one of sent) void left.send(one)
  const received = right[Symbol.asyncIterator]()
  for (const one of sent) {
    const value = (await next(received)) as typeof one
    assert.equal(value.sequence, one.sequence)
    assert.deepEqual(Buffer.from(value.payload), Buffer.from(one.payload))
  }
  await right.send(frame('written', { sequence: 3 }))
  assert.deepEqual(
    await next(left[Symbol.asyncIterator]()),
    frame('written', { sequence: 3, payload: Buffer.alloc(0) }),
  )
})

test('a reader that does not read stops the sender', async (t) => {
  const [left, right] = await channelPair(t)
  const payload = Buffer.alloc(1024 * 1024, 7)
  const count = 64
  let resolved = 0
  const sends = Array.from({ length: count }, (_, sequence) =>
    left
      .send(frame('data', { sequence, length: payload.length, payload }))
      .then(() => (resolved += 1)),
  )
  // Loopback socket buffers hold a few MiB; what is beyond them has to wait for the reader.
  await new Promise((resolve) => setTimeout(resolve, 100))
  assert.ok(resolved < count, `${resolved} of ${count} sends resolved without a reader`)
  let received = 0
  for await (const one of right) {
    assert.equal(one.sequence, received++)
    if (received === count) break
  }
  await Promise.all(sends)
})

test('an idle channel stays open by pings, which nobody sees', async (t) => {
  const [left, right] = await channelPair(t, { silenceMs: 120 })
  const atLeft = left[Symbol.asyncIterator]().next()
  const atRight = right[Symbol.asyncIterator]().next()
  await new Promise((resolve) => setTimeout(resolve, 500))
  await left.send(frame('flush', { sequence: 9 }))
  assert.equal((await atRight).value?.sequence, 9)
  await right.send(frame('durable', { sequence: 9 }))
  assert.equal((await atLeft).value?.sequence, 9)
})

test('a peer that answers nothing is taken for dead', async (t) => {
  const [left, right] = await socketPair(t)
  right.pause()
  const channel = new Channel(left, { silenceMs: 100 })
  await assert.rejects(channel[Symbol.asyncIterator]().next(), /silent/)
  assert.match(String(await channel.closed), /silent/)
  await assert.rejects(channel.send(frame('flush', { sequence: 1 })), /silent/)
})

test('a reader that is busy does not take its peer for dead', async (t) => {
  const [left, right] = await socketPair(t)
  const channel = new Channel(left, { silenceMs: 100 })
  right.write(encodeHeader(frame('flush', { sequence: 1 })))
  const frames = channel[Symbol.asyncIterator]()
  await frames.next()
  await new Promise((resolve) => setTimeout(resolve, 300))
  right.write(encodeHeader(frame('flush', { sequence: 2 })))
  assert.equal((await frames.next()).value?.sequence, 2)
})

test('after a bad frame the reader can still say why before it closes', async (t) => {
  const [left, right] = await socketPair(t)
  const channel = new Channel(left)
  const peer = new Channel(right)
  right.write(Buffer.alloc(40, 1))
  await assert.rejects(channel[Symbol.asyncIterator]().next(), /Bad replication frame/)
  void channel.send(jsonFrame('fatal', 0, { code: 'bad_frame', message: 'x' }))
  channel.close()
  const received = await peer[Symbol.asyncIterator]().next()
  assert.equal(received.value?.type, 'fatal')
  assert.equal(await channel.closed, undefined)
})

test('a reset connection ends the reader with the cause', async (t) => {
  const [left, right] = await socketPair(t)
  const channel = new Channel(left)
  const reading = channel[Symbol.asyncIterator]().next()
  right.resetAndDestroy()
  await assert.rejects(reading, /ECONNRESET/)
  assert.match(String(await channel.closed), /ECONNRESET/)
})

test('the end of the peer ends the reader without an error', async (t) => {
  const [left, right] = await socketPair(t)
  const channel = new Channel(left)
  right.end()
  assert.equal((await channel[Symbol.asyncIterator]().next()).done, true)
  assert.equal(await channel.closed, undefined)
})

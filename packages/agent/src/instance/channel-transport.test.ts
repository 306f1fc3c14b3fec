import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  AgentFrameDecoder,
  encodeAgentFrame,
  type AgentChannelAnswer,
  type AgentChannelRequest,
} from '@landfall/model'
import { AgentLog } from '../agent-log.ts'
import type { Transport } from '../service-client/https-transport.ts'
import { ChannelTransport } from './channel-transport.ts'
import { runInstance } from './instance-mode.ts'
import { prepareInstance, until } from './instance.fixture.ts'
import { InstanceTransport } from './instance-transport.ts'
import type { SerialPortEvents } from './serial-port.ts'

type Answer = Omit<AgentChannelAnswer, 'id'> | undefined

/** A port, and a service at its other end that answers as the test says; undefined: not at all. */
class FakePort {
  readonly requests: AgentChannelRequest[] = []
  /** What else is in the stream before each answer. */
  rubbish = Buffer.from('{"id":"half of a fra')
  answerTo: (request: AgentChannelRequest) => Answer = () => ({ status: 200, body: {} })
  isThere = true
  isClosed = false
  opened = 0
  #events: SerialPortEvents | undefined
  #decoder = new AgentFrameDecoder()

  readonly open = async (events: SerialPortEvents) => {
    if (!this.isThere) throw new Error('ENOENT')
    this.opened += 1
    this.isClosed = false
    this.#events = events
    return this
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (const request of this.#decoder.push(bytes) as AgentChannelRequest[]) {
      this.requests.push(request)
      const answer = this.answerTo(request)
      if (answer !== undefined) this.say({ id: request.id, ...answer })
    }
  }

  say(answer: AgentChannelAnswer): void {
    const bytes = Buffer.concat([this.rubbish, encodeAgentFrame(answer)])
    const half = bytes.length >> 1
    setImmediate(() => this.#events?.onBytes(bytes.subarray(0, half)))
    setImmediate(() => this.#events?.onBytes(bytes.subarray(half)))
  }

  leave(): void {
    this.#events?.onGone()
  }

  close(): void {
    this.isClosed = true
  }
}

const REQUEST = {
  method: 'POST' as const,
  path: '/ReportForMgn',
  headers: {},
  body: '{"instanceID":"i-1"}',
  timeoutMs: 20_000,
}

function openTransport() {
  const port = new FakePort()
  const said: string[] = []
  let overHttps = 0
  const https: Transport = {
    send: async () => ({ status: 200, headers: {}, body: `{"https":${(overHttps += 1)}}` }),
    close() {},
  }
  const channel = new ChannelTransport(port.open)
  const log = (message: string) => said.push(message)
  return { port, said, transport: new InstanceTransport({ channel, https, log }) }
}

test('the service is called by the port where it answers there, several things at once', async () => {
  const { port, said, transport } = openTransport()
  const held: AgentChannelRequest[] = []
  port.answerTo = (request) => {
    if (request.action === 'Ping') return { status: 200, body: {} }
    held.push(request)
    return undefined
  }
  const answers = Promise.all([transport.send(REQUEST), transport.send(REQUEST)])
  await until(() => held.length === 2)
  port.say({ id: 'of another life', status: 200, body: {} })
  const [one, other] = held
  assert.deepEqual(one?.input, { instanceID: 'i-1' })
  port.say({ id: other?.id ?? '', status: 403, errorType: 'X', body: { message: 'no' } })
  port.say({ id: one?.id ?? '', status: 200, body: { text: 'ä\n' } })
  assert.deepEqual(await answers, [
    { status: 200, headers: {}, body: '{"text":"ä\\n"}' },
    { status: 403, headers: { 'x-amzn-errortype': 'X' }, body: '{"message":"no"}' },
  ])
  assert.deepEqual(said, ['The service is called by its virtio-serial port'])
  assert.equal(port.requests.filter((request) => request.action === 'Ping').length, 1)
})

test('HTTPS is for where there is no port, or nobody at its other end', async () => {
  const { port, said, transport } = openTransport()
  port.isThere = false
  assert.equal((await transport.send(REQUEST)).body, '{"https":1}')
  port.isThere = true
  port.answerTo = () => (port.leave(), undefined)
  assert.equal((await transport.send(REQUEST)).body, '{"https":2}')
  port.answerTo = () => ({ status: 200, body: {} })
  assert.equal((await transport.send(REQUEST)).body, '{}')
  assert.equal(said.length, 2)
  assert.equal(port.opened, 1)
})

test('a request whose service goes away fails at once, and the next one looks again', async () => {
  const { port, transport } = openTransport()
  await transport.send(REQUEST)
  port.answerTo = () => undefined
  const lost = transport.send(REQUEST)
  await until(() => port.requests.at(-1)?.action === 'ReportForMgn')
  setImmediate(() => port.leave())
  await assert.rejects(lost, { failure: 'broken', code: 'unavailable' })
  const late = { ...REQUEST, timeoutMs: 10 }
  port.answerTo = ({ action }) => (action === 'Ping' ? { status: 200, body: {} } : undefined)
  await assert.rejects(transport.send(late), { failure: 'timeout' })
  const reason = new Error('enough')
  const aborted = transport.send({ ...REQUEST, signal: AbortSignal.abort(reason) })
  await assert.rejects(aborted, reason)
  transport.close()
  await until(() => port.isClosed)
})

test('an instance that cannot reach the service over its network reports its first boot', async (t) => {
  const { service, files, identity } = await prepareInstance(t)
  await service.close()
  const port = new FakePort()
  const log = new AgentLog({ path: files.log, olderPath: files.olderLog })
  const ending = new AbortController()
  const channel = new ChannelTransport(port.open)
  const ended = runInstance({ files, identity, log, signal: ending.signal, channel })
  await until(() => port.requests.some(({ action }) => action === 'GetInstanceCommandForMgn'))
  ending.abort()
  await ended
  const report = port.requests.find(({ action }) => action === 'UpdateAgentConversionInfoForMgn')
  const { instanceID, token } = identity
  assert.partialDeepStrictEqual(report, { input: { instanceID, token } })
})

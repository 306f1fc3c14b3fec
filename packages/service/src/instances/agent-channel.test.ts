import assert from 'node:assert/strict'
import { duplexPair, type Duplex } from 'node:stream'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { MemoryProvider } from '@landfall/launch'
import {
  AGENT_FRAME_BYTES_MAX,
  AgentFrameDecoder,
  encodeAgentFrame,
  type AgentChannelAnswer,
} from '@landfall/model'
import { startTestService } from '../http/test-service.ts'
import { createTestService } from '../test-service.ts'
import { serveAgentChannel, type CallOperation } from './agent-channel.ts'
import { AgentChannels } from './agent-channels.ts'
import { instanceToken } from './tokens.ts'

const INSTANCE = 'i-0123456789abcdef0'
const REPORT = 'UpdateAgentConversionInfoForMgn'

/** A guest, as far as its host sees it. */
function guestAt(stream: Duplex) {
  const decoder = new AgentFrameDecoder()
  const answers: AgentChannelAnswer[] = []
  stream.on('data', (chunk: Uint8Array) => {
    answers.push(...(decoder.push(chunk) as AgentChannelAnswer[]))
  })
  stream.on('error', () => undefined)
  return {
    stream,
    answers,
    send: (id: string, action: string, input: Record<string, unknown>) =>
      stream.write(encodeAgentFrame({ id, action, input })),
    answerTo: async (id: string) => {
      for (;;) {
        const found = answers.find((one) => one.id === id)
        if (found !== undefined) return found
        await sleep(5)
      }
    },
  }
}

function openChannel(t: TestContext, call: CallOperation) {
  const [host, other] = duplexPair()
  const stop = new AbortController()
  const ended = serveAgentChannel({ instanceID: INSTANCE, stream: host, call, signal: stop.signal })
  t.after(async () => {
    stop.abort()
    await ended
  })
  return { ...guestAt(other), ended, stop }
}

test('an instance without any network reports its first boot, through a broken service too', async (t) => {
  const service = await createTestService(t)
  const { call } = await startTestService(t, service.operations)
  const sourceServerID = await service.readyServer()
  await service.call('StartTest', { sourceServerIDs: [sourceServerID] })
  await service.runJobs()
  const { launchedInstance } = await service.server(sourceServerID)
  const instanceID = launchedInstance?.ec2InstanceID ?? ''
  const provider = service.dependencies.provider as MemoryProvider
  const token = instanceToken(service.dependencies.instances.tokenKey, instanceID)

  // One service dies in the middle of a frame, and the next one goes on.
  const first = new AgentChannels(service.dependencies, call)
  await first.look()
  await first.look()
  provider.guestChannels.get(instanceID)?.write('{"id":"1","action":"Up')
  await first[Symbol.asyncDispose]()
  await using channels = new AgentChannels(service.dependencies, call)
  await channels.look()
  const channel = provider.guestChannels.get(instanceID)
  assert.ok(channel)
  const guest = guestAt(channel)
  guest.send('2', REPORT, { instanceID, token: 'wrong', hostname: 'web01' })
  const refused = await guest.answerTo('2')
  assert.deepEqual([refused.status, refused.errorType], [403, 'AccessDeniedException'])
  guest.send('3', REPORT, { instanceID, token, hostname: 'web01' })
  assert.deepEqual(await guest.answerTo('3'), { id: '3', status: 200, body: {} })
  assert.equal((await service.server(sourceServerID)).launchedInstance?.firstBoot, 'SUCCEEDED')

  // One that is terminated is heard no more.
  const { db } = service.dependencies
  await db.updateTable('instances').set({ state: 'TERMINATED' }).execute()
  await channels.look()
  while (!channel.destroyed && !channel.readableEnded) await sleep(5)
})

test('a guest is heard as itself, and calls what instances may call', async (t) => {
  const calls: string[] = []
  const guest = openChannel(t, async ({ action }) => {
    calls.push(action)
    return { status: 200, body: {} }
  })
  guest.send('1', 'Ping', {})
  assert.equal((await guest.answerTo('1')).status, 200)
  for (const [id, action, instanceID] of [
    ['2', REPORT, 'i-0123456789abcdef1'],
    ['3', REPORT, undefined],
    ['4', REPORT, [INSTANCE]],
    ['5', 'RegisterAgentForMgn', INSTANCE],
    ['6', '../landfall/CreatePoint', INSTANCE],
  ] as const) {
    guest.send(id, action, { instanceID })
    assert.equal((await guest.answerTo(id)).status, 403, `${action}, request ${id}`)
  }
  assert.deepEqual(calls, [])
  guest.send('7', REPORT, { instanceID: INSTANCE })
  await guest.answerTo('7')
  assert.deepEqual(calls, [REPORT])
})

test('nonsense costs a guest nothing but its own time, and is not answered', async (t) => {
  const guest = openChannel(t, () => Promise.reject(new Error('broken')))
  const deep = '['.repeat(100_000)
  for (const nonsense of ['{"id":1}', 'null', '[]', deep, '\n\n', '{"id":"', '\0\xff']) {
    guest.stream.write(nonsense)
  }
  guest.stream.write(Buffer.alloc(AGENT_FRAME_BYTES_MAX, 'x'))
  const nested = `{"a":`.repeat(50_000) + '1' + '}'.repeat(50_000)
  guest.stream.write(`\n{"id":"deep","action":"${REPORT}","input":{"instanceID":"${INSTANCE}","x":`)
  guest.stream.write(`${nested}}}\n`)
  guest.send('1', 'Ping', {})
  assert.equal((await guest.answerTo('1')).status, 200)
  guest.send('2', REPORT, { instanceID: INSTANCE })
  assert.equal((await guest.answerTo('2')).status, 500)
  assert.deepEqual(guest.answers.map((one) => one.id).toSorted(), ['1', '2', 'deep'])
})

test('a guest that asks for more than an agent does has to wait', async (t) => {
  let underWay = 0
  let most = 0
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const guest = openChannel(t, async () => {
    underWay += 1
    most = Math.max(most, underWay)
    await released
    underWay -= 1
    return { status: 200, body: {} }
  })
  for (let id = 0; id < 50; id += 1) guest.send(`${id}`, REPORT, { instanceID: INSTANCE })
  await guest.answerTo('19')
  await sleep(100)
  assert.equal(guest.answers.length, 12, '8 are under way, and 20 were looked at')
  assert.ok(guest.answers.every((one) => one.status === 429))
  release()
  await guest.answerTo('49')
  assert.equal(most, 8)
})

test('a guest that reads no answer is cut off', async (t) => {
  const body = { text: 'x'.repeat(AGENT_FRAME_BYTES_MAX / 2) }
  const guest = openChannel(t, () => Promise.resolve({ status: 200, body }))
  guest.stream.removeAllListeners('data').pause()
  for (let id = 0; id < 8; id += 1) guest.send(`${id}`, REPORT, { instanceID: INSTANCE })
  await guest.ended
})

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { createTestService } from '../test-service.ts'
import { EventDelivery } from './event-delivery.ts'
import { StallWatch } from './stall-watch.ts'

interface Envelope {
  readonly id: string
  readonly 'detail-type': string
  readonly source: string
  readonly resources: readonly string[]
  readonly detail: { readonly state: string; readonly 'job-id'?: string }
}

async function start(t: TestContext) {
  const service = await createTestService(t)
  const folder = await mkdtemp(join(tmpdir(), 'landfall-events-'))
  t.after(() => rm(folder, { recursive: true }))
  const eventsFile = join(folder, 'events.log')
  const delivery = new EventDelivery({ ...service.dependencies, eventsFile })
  const written = async () => {
    await delivery.look()
    const lines = (await readFile(eventsFile, 'utf8')).trim().split('\n')
    return lines.map((line) => JSON.parse(line) as Envelope)
  }
  return { service, delivery, written, watch: new StallWatch(service.dependencies) }
}

/** A receiver that answers with the statuses in turn, then with 200; what it was sent. */
async function receiver(t: TestContext, statuses: number[]) {
  const received: { body: string; signature: string }[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const status = statuses.shift() ?? 200
      const signature = String(request.headers['landfall-signature'])
      if (status === 200) received.push({ body: Buffer.concat(chunks).toString(), signature })
      response.writeHead(status, status === 302 ? { location: 'http://127.0.0.1:1/' } : {}).end()
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  t.after(() => server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, received }
}

test('readiness, launches and stalls are told once each, in their order', async (t) => {
  const { service, written, watch } = await start(t)
  const id = await service.readyServer()
  const { job } = await service.call<{ job: { jobID: string } }>('StartTest', {
    sourceServerIDs: [id],
  })
  await service.runJobs()
  await service.report(id, { state: 'STALLED' })
  await watch.look()
  await watch.look()
  await service.report(id)
  await watch.look()
  await service.call('StartTest', { sourceServerIDs: [id] })
  await service.runJobs({ fail: ({ type }) => (type === 'CONVERT' ? 'no boot loader' : undefined) })
  const events = await written()
  assert.deepEqual(
    events.map((event) => event.detail.state),
    ['READY_FOR_TEST', 'TEST_LAUNCH_SUCCEEDED', 'STALLED', 'NOT_STALLED', 'TEST_LAUNCH_FAILED'],
  )
  assert.equal(events[1]?.detail['job-id'], job.jobID)
  assert.deepEqual(
    [events[0]?.source, events[0]?.resources],
    ['aws.mgn', [(await service.server(id)).arn]],
  )
  assert.deepEqual(await written(), events) // And not written again.
})

test('a webhook gets every event in order, signed, also when it was away', async (t) => {
  const { service, delivery } = await start(t)
  const { url, received } = await receiver(t, [500, 302])
  const { secret } = await service.call<{ secret: string }>('UpdateWebhook', { url })
  const ids = [await service.readyServer(), await service.readyServer()]
  await delivery.look()
  await delivery.look() // Too early.
  assert.equal(received.length, 0)
  const state = await service.call<{ waitingEvents: number; lastError: string }>('GetWebhook')
  assert.deepEqual([state.waitingEvents, state.lastError], [2, 'the receiver answered 500'])
  service.later(1500)
  await delivery.look() // A redirection is no answer.
  service.later(2500)
  await delivery.look()
  await delivery.look()
  const events = received.map(({ body }) => JSON.parse(body) as Envelope)
  assert.deepEqual(
    events.map((event) => event.resources[0]?.split('/').at(-1)),
    ids,
  )
  for (const { body, signature } of received) {
    const time = signature.slice('t='.length, signature.indexOf(','))
    const digest = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')
    assert.ok(signature.endsWith(`v1=${digest}`))
  }
})

test('a receiver that does not come back loses events after a day, and the file has them', async (t) => {
  const { service, delivery, written } = await start(t)
  const { url, received } = await receiver(t, Array<number>(10).fill(503))
  await service.call('UpdateWebhook', { url })
  await service.readyServer()
  await delivery.look()
  service.later(25 * 60 * 60 * 1000)
  await delivery.look()
  assert.equal((await service.call<{ waitingEvents: number }>('GetWebhook')).waitingEvents, 0)
  assert.equal(received.length, 0)
  assert.equal((await written()).length, 1)
  assert.deepEqual(await service.dependencies.db.selectFrom('events').selectAll().execute(), [])
  await assert.rejects(service.call('UpdateWebhook', { url: 'file:///etc/passwd' }), /https:/)
})

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { test, type TestContext } from 'node:test'
import { createLaunchPlan } from '@landfall/launch'
import { newId } from '@landfall/model'
import { WebSocket } from 'ws'
import { ConsoleClient } from '../console/console-client.fixture.ts'
import { startTestService, type TestService } from '../http/test-service.ts'
import { setPassword } from '../identity/passwords.ts'
import { attachPolicy } from '../identity/user-policies.ts'
import { createUser } from '../identity/users.ts'
import { ScreenTickets, TICKET_MS } from './screen-tickets.ts'

const PASSWORD = 'correct horse battery staple'

/** A service with one running instance, and somebody who is signed in as its administrator. */
async function withInstance(t: TestContext) {
  const service = await startTestService(t, {})
  const { accessKeyId, secretAccessKey } = service.administrator
  const signedIn = async () => {
    const client = new ConsoleClient(service)
    const answer = await client.signIn({ accessKeyId, secretAccessKey })
    assert.equal(answer.status, 200, answer.text)
    return client
  }
  const client = await signedIn()
  const instanceID = newId('instance')
  const row = { source_server_id: newId('sourceServer'), job_id: newId('job') }
  await service.db
    .insertInto('instances')
    .values({
      ...row,
      purpose: 'TEST',
      instance_id: instanceID,
      state: 'RUNNING',
      first_boot: 'WAITING',
      disks: '[]',
      created_at: new Date(),
    })
    .execute()
  await service.provider.launch(
    createLaunchPlan({
      instanceID,
      name: 'web01',
      instanceType: 't3.micro',
      firmware: 'bios',
      disks: [{ deviceName: '/dev/sda', path: '/disk.qcow2' }],
      tags: {},
      start: true,
      accelerator: 'tcg',
    }),
  )
  const ask = () => client.send('POST', `/console/screens/${instanceID}`)
  const ticket = async () => {
    const answer = await ask()
    assert.equal(answer.status, 200, answer.text)
    return answer.body['ticket'] as string
  }
  return { service, client, signedIn, instanceID, ask, ticket }
}

/** Opens a socket as a browser does, whose pages are of `origin`. */
async function openSocket(
  { url, caFile }: TestService,
  options: { instanceID: string; ticket: string; cookie: string; origin?: string },
): Promise<WebSocket> {
  const { instanceID, ticket, cookie, origin = url } = options
  const address = `${url.replace('https', 'wss')}/console/screens/${instanceID}?ticket=${ticket}`
  const headers = { cookie, origin }
  return new WebSocket(address, { ca: await readFile(caFile, 'utf8'), headers })
}

async function refusal(socket: WebSocket): Promise<string> {
  const [error] = (await once(socket, 'error')) as [Error]
  return error.message
}

const FORBIDDEN = 'Unexpected server response: 403'

test('a ticket opens a screen, whose bytes pass both ways until the instance stops', async (t) => {
  const { service, client, instanceID, ticket } = await withInstance(t)
  const { cookie } = client
  const socket = await openSocket(service, { instanceID, ticket: await ticket(), cookie })
  const [greeting] = (await once(socket, 'message')) as [Buffer]
  assert.equal(greeting.toString(), 'RFB 003.008\n')
  const screen = service.provider.screens.get(instanceID) ?? assert.fail()
  const heard = once(screen, 'data')
  socket.send(Buffer.from('RFB 003.008\n'))
  assert.equal(String((await heard)[0]), 'RFB 003.008\n')

  // More than is kept for a browser that does not read: the screen waits, and nothing is lost.
  const picture = Buffer.alloc(8 * 1024 * 1024, 'x')
  socket.pause()
  screen.write(picture)
  let received = 0
  const all = new Promise<void>((resolve) => {
    socket.on('message', (data: Buffer) => {
      received += data.length
      if (received === picture.length) resolve()
    })
  })
  socket.resume()
  await all

  const closed = once(socket, 'close')
  await service.provider.stop(instanceID)
  const [code, reason] = (await closed) as [number, Buffer]
  assert.deepEqual([code, reason.toString()], [4001, 'The instance was stopped.'])
  const audit = await service.db.selectFrom('audit_events').selectAll().orderBy('seq').execute()
  const [, opened] = audit
  assert.deepEqual(
    [opened?.action, opened?.result, opened?.input],
    ['landfall:OpenInstanceScreen', 'OK', { instanceID }],
  )
})

test('a ticket counts once, for seconds, one session, one instance and our own pages', async (t) => {
  const { service, client, signedIn, instanceID, ticket } = await withInstance(t)
  const { cookie } = client
  const attempt = async (changes: Partial<Parameters<typeof openSocket>[1]>) => {
    const options = { instanceID, ticket: '', cookie, ...changes }
    return await refusal(await openSocket(service, options))
  }
  const used = await ticket()
  const first = await openSocket(service, { instanceID, ticket: used, cookie })
  await once(first, 'message')
  assert.equal(await attempt({ ticket: used }), FORBIDDEN)
  assert.equal(await attempt({ ticket: '' }), FORBIDDEN)
  assert.equal(await attempt({ ticket: await ticket(), origin: 'https://evil.example' }), FORBIDDEN)
  assert.equal(await attempt({ ticket: await ticket(), origin: 'null' }), FORBIDDEN)
  assert.equal(await attempt({ ticket: await ticket(), cookie: '' }), FORBIDDEN)
  assert.equal(await attempt({ ticket: await ticket(), instanceID: newId('instance') }), FORBIDDEN)
  const other = await signedIn()
  assert.equal(await attempt({ ticket: await ticket(), cookie: other.cookie }), FORBIDDEN)
  const late = await ticket()
  service.setClockOffsetMs(TICKET_MS)
  assert.equal(await attempt({ ticket: late }), FORBIDDEN)
  first.close()
})

test('who may not see screens gets no ticket, and there is none for what is not there', async (t) => {
  const { service, ask, client, instanceID } = await withInstance(t)
  const { db } = service
  const now = new Date()
  const user = await createUser(db, { userName: 'Eve', now })
  const policyArn = 'arn:aws:iam::aws:policy/AWSApplicationMigrationReadOnlyAccess'
  await attachPolicy(db, { user, policyArn, now })
  await setPassword(db, { user, password: PASSWORD, now })
  const eve = new ConsoleClient(service)
  const { body } = await eve.signIn({ userName: 'Eve', password: PASSWORD })
  assert.ok(!(body['permitted'] as string[]).includes('landfall:OpenInstanceScreen'))
  const refused = await eve.send('POST', `/console/screens/${instanceID}`)
  assert.equal(refused.status, 403)
  assert.match(refused.text, /not authorized to perform: landfall:OpenInstanceScreen/)
  assert.equal((await client.send('POST', `/console/screens/${instanceID}`, {}, {})).status, 403)
  await db.updateTable('instances').set({ state: 'TERMINATED' }).execute()
  assert.equal((await ask()).status, 404)
})

test('a screen ends with the session of who looks, and with the service', async (t) => {
  const { service, client, instanceID, ticket } = await withInstance(t)
  const open = async () => {
    const { cookie } = client
    const socket = await openSocket(service, { instanceID, ticket: await ticket(), cookie })
    await once(socket, 'message')
    return { socket, closed: once(socket, 'close') as Promise<[number, Buffer]> }
  }
  const signedOut = await open()
  await client.send('DELETE', '/console/session')
  assert.equal((await signedOut.closed)[0], 4003)

  const { accessKeyId, secretAccessKey } = service.administrator
  await client.signIn({ accessKeyId, secretAccessKey })
  const stopped = await open()
  await service.provider.stop(instanceID)
  assert.equal((await stopped.closed)[0], 4001)
  // One that was stopped between ticket and socket.
  const { cookie } = client
  const late = await openSocket(service, { instanceID, ticket: await ticket(), cookie })
  const [code, reason] = (await once(late, 'close')) as [number, Buffer]
  assert.deepEqual([code, reason.toString()], [4000, `Instance ${instanceID} does not run.`])

  await service.provider.start(instanceID)
  const { closed } = await open()
  const stop = service.stop()
  assert.equal((await closed)[0], 1001)
  await stop
})

test('other upgrades than screens are answered as ever', async (t) => {
  const { service, client } = await withInstance(t)
  const headers = { connection: 'upgrade', upgrade: 'websocket' }
  const ping = await client.send('GET', '/ping', undefined, headers)
  assert.deepEqual([ping.status, ping.body], [200, { status: 'ok' }])
  assert.deepEqual(service.log, [])
})

test('tickets that nobody takes are forgotten, the oldest first', () => {
  const tickets = new ScreenTickets()
  const admission = { instanceID: newId('instance'), token: 'token' }
  const now = new Date()
  const issued = Array.from({ length: 1001 }, () => tickets.issue(admission, now).ticket)
  const takes = (index: number) => tickets.take(issued[index] ?? '', admission, now)
  assert.deepEqual([takes(0), takes(1), takes(1), takes(1000)], [false, true, false, true])
})

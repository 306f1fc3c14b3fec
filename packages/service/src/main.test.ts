import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { sql } from 'kysely'
import { withTestDatabase } from './database/test-database.ts'
import type { Credentials } from './identity/administrator.ts'
import { send, signed } from './http/test-client.ts'

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function dataDirectory(t: TestContext): Promise<{ dataDir: string; port: number }> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'lf-main-'))
  t.after(() => rm(dataDir, { recursive: true, force: true }))
  const port = await freePort()
  const configuration = {
    region: 'lf-local-1',
    accountID: '123456789012',
    port,
    replicationPort: 1500,
    addresses: ['127.0.0.1'],
  }
  await writeFile(path.join(dataDir, 'config.json'), JSON.stringify(configuration))
  return { dataDir, port }
}

/** The program; its messages, and its end. */
function startMain(t: TestContext, args: string[]) {
  const main = path.join(import.meta.dirname, 'main.ts')
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env['PATH'], LANDFALL_ACCELERATOR: 'tcg' },
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  t.after(() => child.kill('SIGKILL'))
  let text = ''
  const ready = new Promise<void>((resolve) => {
    child.stderr.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (text.includes('the service is ready')) resolve()
    })
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const untilReady = () =>
    Promise.race([ready, ended.then((code) => assert.fail(`ended with ${code}: ${text}`))])
  return { child, ended, text: () => text, ready: untilReady }
}

async function call(dataDir: string, port: number, name: string): Promise<number> {
  const text = await readFile(path.join(dataDir, 'credentials.json'), 'utf8')
  const service = {
    url: `https://127.0.0.1:${port}`,
    port,
    caFile: path.join(dataDir, 'ca', 'ca.crt'),
    administrator: JSON.parse(text) as Credentials,
  }
  const answer = await send(service, await signed(service, { path: `/${name}`, body: '{}' }))
  return answer.status
}

test('the service starts from nothing, survives a kill, and stops when told to', async (t) => {
  const { connectionString } = await withTestDatabase(t)
  const { dataDir, port } = await dataDirectory(t)
  const args = ['--data-dir', dataDir, '--database-url', connectionString]

  const first = startMain(t, args)
  await first.ready()
  for (const name of ['credentials.json', 'master.key', 'ca/ca.key', 'ca/service.key']) {
    assert.equal((await stat(path.join(dataDir, name))).mode & 0o777, 0o600, name)
  }
  assert.equal(await call(dataDir, port, 'DescribeSourceServers'), 400)
  assert.equal(await call(dataDir, port, 'InitializeService'), 204)
  assert.equal(await call(dataDir, port, 'DescribeSourceServers'), 200)
  const credentials = await readFile(path.join(dataDir, 'credentials.json'), 'utf8')
  first.child.kill('SIGKILL')
  await first.ended

  const second = startMain(t, args)
  await second.ready()
  assert.equal(await readFile(path.join(dataDir, 'credentials.json'), 'utf8'), credentials)
  assert.equal(await call(dataDir, port, 'DescribeSourceServers'), 200)

  const third = startMain(t, args)
  assert.equal(await third.ended, 1)
  assert.match(third.text(), /cannot run: Another service runs with this database/)

  second.child.kill('SIGTERM')
  assert.equal(await second.ended, 0, second.text())
})

test('a key whose file was not written before a crash is written by the next start', async (t) => {
  const { db, connectionString } = await withTestDatabase(t)
  const { dataDir } = await dataDirectory(t)
  const args = ['--data-dir', dataDir, '--database-url', connectionString]
  const file = path.join(dataDir, 'credentials.json')
  const run = async () => {
    const { ready, child, ended } = startMain(t, args)
    await ready()
    child.kill('SIGTERM')
    await ended
    return await readFile(file, 'utf8')
  }
  const before = await run()
  await rm(file)
  assert.equal(await run(), before)
  const keys = await sql`select 1 from access_keys`.execute(db)
  assert.equal(keys.rows.length, 1)
})

test('a start that cannot succeed says why and ends with 1', async (t) => {
  const { connectionString, db } = await withTestDatabase(t)
  const { dataDir, port } = await dataDirectory(t)
  const fails = async (args: string[], message: RegExp) => {
    const { ended, text } = startMain(t, args)
    assert.equal(await ended, 1)
    assert.match(text(), message)
  }
  await fails([], /Usage/)
  await fails(
    ['--data-dir', path.join(dataDir, 'none')],
    /config\.json cannot be used.*landfall up/s,
  )
  await fails(['--data-dir', dataDir], /PostgreSQL does not answer. `landfall up` starts it/)
  const holder = createServer()
  await new Promise<void>((resolve) => holder.listen(port, resolve))
  const args = ['--data-dir', dataDir, '--database-url', connectionString]
  await fails(args, new RegExp(`Port ${port} is in use by another program`))
  await new Promise((resolve) => holder.close(resolve))
  await db.deleteFrom('accounts').execute()
  const now = new Date()
  const other = { account_id: '999999999999', region: 'lf-local-1', initialized_at: null }
  await db
    .insertInto('accounts')
    .values({ ...other, created_at: now })
    .execute()
  await fails(args, /belongs to account 999999999999/)
})

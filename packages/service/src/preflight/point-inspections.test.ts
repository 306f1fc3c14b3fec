import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { MemoryGuest, readGuestFacts } from '@landfall/guest'
import { newId, type ErrorCode, type PreflightReport, type StagingCommand } from '@landfall/model'
import { createTestService } from '../test-service.ts'
import { PointInspections } from './point-inspections.ts'

const MINUTE_MS = 60_000

const FACTS = await readGuestFacts(new MemoryGuest({ '/etc/os-release': 'ID=debian\n' }))

type Inspection = Extract<StagingCommand, { type: 'INSPECT_POINT' }>

async function open(t: TestContext, pointsEveryMinutes = 60) {
  const service = await createTestService(t)
  const inspections = new PointInspections({
    ...service.dependencies,
    preflight: { pointsEveryMinutes },
  })
  const later = (minutes: number) => {
    service.clock = new Date(service.clock.getTime() + minutes * MINUTE_MS)
  }
  /** What the staging area is to look into after one look of the service. */
  const asked = async () => {
    await inspections.look()
    const { commands } = await service.pollStaging()
    return commands.filter((command) => command.type === 'INSPECT_POINT')
  }
  const answer = async ({ commandID }: Inspection, failure?: { code?: ErrorCode }) => {
    const outcome =
      failure === undefined
        ? { ok: true, result: { facts: FACTS } }
        : { ok: false, error: 'no system', ...failure }
    await service.asStaging('SendChannelCommandResult', { commandID, outcome })
  }
  const addPoint = async (sourceServerID: string) => {
    await service.call('CreatePoint', { sourceServerID })
    await service.agentWorks(sourceServerID)
  }
  const preflight = (sourceServerID: string) =>
    service.call<PreflightReport>('GetPreflight', { sourceServerID })
  return { service, later, asked, answer, addPoint, preflight }
}

test('the newest point is looked into once, the next one not before the interval is over', async (t) => {
  const { service, later, asked, answer, addPoint, preflight } = await open(t)
  const id = await service.readyServer()
  assert.deepEqual(await asked(), [], 'a server that has just become ready is left alone')
  later(6)
  const [first, ...more] = await asked()
  assert.ok(first && more.length === 0)
  assert.equal(first.sourceServerID, id)
  assert.deepEqual(await asked(), [first], 'while one is open, no other is asked for')
  await answer(first)
  const report = await preflight(id)
  assert.equal(report.point?.pointID, first.pointID)
  assert.equal(report.point.error, undefined)
  assert.deepEqual(report.findings[0]?.sources, ['POINT'])
  assert.deepEqual(await asked(), [])

  await addPoint(id)
  later(50)
  assert.deepEqual(await asked(), [], 'the interval is not over')
  later(11)
  const [second] = await asked()
  assert.ok(second && second.pointID !== first.pointID)
  await answer(second)
  later(120)
  assert.deepEqual(await asked(), [], 'there is no newer point')
})

test('servers take turns, one at a time', async (t) => {
  const { service, later, asked, answer } = await open(t)
  const ids = [await service.readyServer(), await service.readyServer()]
  later(6)
  const seen: string[] = []
  for (;;) {
    const [command, ...more] = await asked()
    assert.equal(more.length, 0)
    if (command === undefined) break
    seen.push(command.sourceServerID)
    await answer(command)
  }
  assert.deepEqual(seen, ids)
})

test('a conversion goes first, and an inspection that made way comes again', async (t) => {
  const { service, later, asked, answer, preflight } = await open(t)
  const id = await service.readyServer()
  later(6)
  const [command] = await asked()
  assert.ok(command)
  await service.dependencies.db
    .insertInto('staging_commands')
    .values({
      command_id: 'converting',
      key: 'convert',
      command: JSON.stringify({ commandID: 'converting', type: 'CONVERT' }),
      created_at: service.clock,
      not_before: new Date(service.clock.getTime() + MINUTE_MS),
    })
    .execute()
  await answer(command, { code: 'conflict' })
  assert.equal((await preflight(id)).point, null, 'it has seen nothing')
  assert.deepEqual(await asked(), [], 'while something is converted')
  await service.dependencies.db
    .deleteFrom('staging_commands')
    .where('command_id', '=', 'converting')
    .execute()
  const [again] = await asked()
  assert.equal(again?.pointID, command.pointID)
  assert.notEqual(again?.commandID, command.commandID)
})

test('why a point could not be looked at is shown, and it is not tried again', async (t) => {
  const { service, later, asked, answer, preflight } = await open(t)
  const id = await service.readyServer()
  later(6)
  const [command] = await asked()
  assert.ok(command)
  await answer(command, { code: 'unavailable' })
  assert.equal((await preflight(id)).point?.error, 'no system')
  later(120)
  assert.deepEqual(await asked(), [])
})

test('passphrases go with it and are not stored; off means off', async (t) => {
  const { service, later, asked } = await open(t)
  const id = await service.readyServer()
  const passphrase = 'correct horse'
  await service.call('PutDiskKey', { sourceServerID: id, name: 'root', passphrase })
  later(6)
  const [command] = await asked()
  assert.deepEqual(command?.passphrases, [passphrase])
  const stored = await service.dependencies.db.selectFrom('staging_commands').selectAll().execute()
  assert.ok(!JSON.stringify(stored).includes(passphrase))

  const off = await open(t, 0)
  await off.service.readyServer()
  off.later(600)
  assert.deepEqual(await off.asked(), [])
})

test('an encrypted system is a blocker until a passphrase is kept', async (t) => {
  const { service, preflight } = await open(t)
  const id = await service.register()
  const mount = { device: '/dev/mapper/a', folder: '/', type: 'ext4', disks: ['/dev/sda'] }
  const live = { firmware: 'bios', isSecureBoot: false, kernel: '6.1' }
  const facts = { ...FACTS, live: { ...live, mounts: [{ ...mount, layers: ['luks'] }] } }
  await service.asAgent('UpdateAgentSourceProperties', {
    sourceServerID: id,
    guest: { lookedAt: service.clock.toISOString(), facts },
  } as { sourceServerID: string })
  const isBlocked = async () =>
    (await preflight(id)).findings.some(({ rule }) => rule === 'root-encrypted')
  assert.equal(await isBlocked(), true)
  await service.call('PutDiskKey', { sourceServerID: id, name: 'root', passphrase: 'x' })
  assert.equal(await isBlocked(), false)
})

test('what was seen of a server that was deleted meanwhile is dropped', async (t) => {
  const { service, later, asked, answer } = await open(t)
  const id = await service.readyServer()
  later(6)
  const [command] = await asked()
  assert.ok(command)
  const { db } = service.dependencies
  await db.deleteFrom('points').where('source_server_id', '=', id).execute()
  await db.deleteFrom('source_servers').where('source_server_id', '=', id).execute()
  await answer(command)
  assert.equal((await db.selectFrom('guest_facts').selectAll().execute()).length, 0)
  await answer({ ...command, commandID: newId('command') })
})

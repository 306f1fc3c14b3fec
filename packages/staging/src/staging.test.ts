import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { newId, type StagingCommand } from '@landfall/model'
import { keyedHash, someHello, TestAgent } from './replication-server/test-agent.ts'
import { TestAuthority, type TestIdentity } from './replication-server/test-certificates.ts'
import { TestService } from './test-service.ts'
import { somePoint } from './volumes/staging-volume.contract.ts'

const MIB = 1024 * 1024
const SLOT_BYTES = 4096
const DISKS = [
  { deviceName: '/dev/sda', sizeBytes: 16 * MIB },
  { deviceName: '/dev/sdb', sizeBytes: 16 * MIB },
]

interface World {
  readonly dataDir: string
  readonly service: TestService
  readonly sourceServerID: string
  readonly agentIdentity: TestIdentity
  readonly port: number
  process: ChildProcess
  start(): void
  connect(): Promise<TestAgent>
  command(command: StagingCommand): Promise<object>
}

/** A staging process with its own data folder, a service, and the identity of one agent. */
async function openWorld(t: TestContext): Promise<World> {
  const dataDir = await mkdtemp(join(tmpdir(), 'staging-'))
  await using authority = await TestAuthority.create()
  const sourceServerID = newId('sourceServer')
  const own = await authority.issue('replication-server', newId('replicationServer'))
  await mkdir(join(dataDir, 'ca'))
  await writeFile(join(dataDir, 'ca', 'ca.crt'), own.caPem)
  await writeFile(join(dataDir, 'ca', 'staging.crt'), own.certificatePem)
  await writeFile(join(dataDir, 'ca', 'staging.key'), own.keyPem)
  const service = await TestService.start(await authority.issue('service', 'service'))
  service.admitted = [sourceServerID]
  const port = await freePort()
  const start = (): ChildProcess => {
    const main = new URL('main.ts', import.meta.url).pathname
    const options = ['--data-dir', dataDir, '--service', service.endpoint, '--port', String(port)]
    return spawn(process.execPath, [main, ...options], { stdio: ['ignore', 'inherit', 'inherit'] })
  }
  const world: World = {
    dataDir,
    service,
    sourceServerID,
    agentIdentity: await authority.issue('agent', sourceServerID),
    port,
    process: start(),
    start: () => (world.process = start()),
    connect: () => connect(world),
    command: (command) => runCommand(service, command),
  }
  t.after(async () => {
    const { process: last } = world
    if (last.exitCode === null && last.signalCode === null) {
      last.kill('SIGTERM')
      await once(last, 'exit')
    }
    await service[Symbol.asyncDispose]()
    await rm(dataDir, { recursive: true })
  })
  return world
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function runCommand(service: TestService, command: StagingCommand): Promise<object> {
  service.commands.push(command)
  while (!service.results.has(command.commandID)) await sleep(20)
  const outcome = service.results.get(command.commandID)
  assert.ok(outcome?.ok, JSON.stringify(outcome))
  return outcome.result
}

/** Tries as an agent does, until it is welcomed. */
async function connect(world: World): Promise<TestAgent> {
  for (;;) {
    try {
      const agent = await TestAgent.connect(world.port, world.agentIdentity)
      const answer = await agent.hello(someHello(world.sourceServerID, DISKS))
      if (answer?.type === 'welcome') return agent
      await agent[Symbol.asyncDispose]()
    } catch {
      // The process is being started.
    }
    await sleep(50)
  }
}

function createVolumes(world: World): StagingCommand {
  const { sourceServerID } = world
  return { commandID: newId('command'), type: 'CREATE_VOLUMES', sourceServerID, disks: DISKS }
}

test('commands are done, points are told, and both wait for a service that is down', async (t) => {
  const world = await openWorld(t)
  const { service, sourceServerID } = world
  await world.command(createVolumes(world))
  await world.command(createVolumes(world))
  const agent = await world.connect()
  service.isDown = true
  const point = somePoint()
  const payload = Buffer.from(JSON.stringify(point))
  assert.equal((await agent.ask('point', { payload })).type, 'durable')
  world.process.kill('SIGKILL')
  await once(world.process, 'exit')
  world.start()

  // Replication goes on while the service is down, also after a restart.
  const again = await world.connect()
  const data = Buffer.alloc(SLOT_BYTES, 1)
  assert.equal((await again.ask('data', { length: SLOT_BYTES, payload: data })).type, 'written')
  assert.equal((await again.ask('point', { payload })).type, 'durable')
  assert.equal(service.points.length, 0)
  service.isDown = false
  while (service.points.length === 0) await sleep(50)
  const told = service.points.at(0)
  assert.ok(told)
  assert.equal(told.pointID, point.pointID)
  assert.deepEqual(
    told.disks.map(({ deviceName, sizeBytes }) => ({ deviceName, sizeBytes })),
    DISKS,
  )
  while (!service.actions.includes('NotifyAgentConnectedForMgn')) await sleep(20)

  const pin = { commandID: newId('command'), pointID: point.pointID, pinID: 'pin-1' } as const
  const pinned = await world.command({ ...pin, type: 'PIN_POINT', sourceServerID })
  assert.deepEqual(pinned, { disks: told.disks })
  await world.command({ commandID: newId('command'), type: 'UNPIN_POINT', pinID: 'pin-1' })
  const newestPoint = somePoint()
  const next = Buffer.from(JSON.stringify(newestPoint))
  assert.equal((await again.ask('point', { payload: next })).type, 'durable')
  const remove = { type: 'DELETE_POINT', sourceServerID, pointID: point.pointID } as const
  await world.command({ ...remove, commandID: newId('command') })
  await world.command({ ...remove, commandID: newId('command') })
  const newest = { ...remove, commandID: newId('command'), pointID: newestPoint.pointID }
  service.commands.push(newest)
  while (!service.results.has(newest.commandID)) await sleep(20)
  const refused = service.results.get(newest.commandID)
  assert.ok(refused?.ok === false && refused.code === 'conflict')
  service.admitted = []
  assert.equal(await again.fatalCode(), 'not_admitted')
  const commandID = newId('command')
  await world.command({ commandID, type: 'DELETE_VOLUMES', sourceServerID })
  world.process.kill('SIGTERM')
  assert.deepEqual(await once(world.process, 'exit'), [0, null])
})

/** What the staging area has promised to keep, and what it may have as well. */
class Promises {
  /** Per disk and slot the number that is durable. */
  readonly durable = [new Map<number, number>(), new Map<number, number>()]
  /** Written after that, and not flushed before the kill. */
  readonly possible = [new Map<number, number[]>(), new Map<number, number[]>()]
  readonly points: string[] = []
  #next = 1

  /**
   * Eight writes, a flush, and with every fourth round a point. Throws when the connection breaks.
   */
  async keep(agent: TestAgent, round: number): Promise<void> {
    const written = Array.from({ length: 8 }, (_, index) => ({
      disk: index % 2,
      slot: (round * 8 + index) % 512,
      number: this.#next++,
    }))
    for (const { disk, slot, number } of written) {
      const possible = this.possible[disk]
      possible?.set(slot, [...(possible.get(slot) ?? []), number])
      const fields = { disk, offset: slot * SLOT_BYTES, length: SLOT_BYTES }
      assert.equal((await agent.ask('data', { ...fields, payload: block(number) })).type, 'written')
    }
    assert.equal((await agent.ask('flush')).type, 'durable')
    for (const { disk, slot, number } of written) {
      this.durable[disk]?.set(slot, number)
      this.possible[disk]?.delete(slot)
    }
    if (round % 4 !== 0) return
    const point = somePoint()
    const payload = Buffer.from(JSON.stringify(point))
    assert.equal((await agent.ask('point', { payload })).type, 'durable')
    this.points.push(point.pointID)
  }

  /** A point that may be deleted, as a policy would choose; it is not promised any more. */
  deletablePoint(): string | undefined {
    return this.points.length > 2 ? this.points.shift() : undefined
  }

  async assertKept(agent: TestAgent): Promise<void> {
    for (const disk of [0, 1]) {
      for (const [slot, number] of this.durable[disk] ?? []) {
        const range = { disk, offset: slot * SLOT_BYTES, length: SLOT_BYTES }
        const found = await agent.hash(range)
        const allowed = [number, ...(this.possible[disk]?.get(slot) ?? [])].map((candidate) =>
          keyedHash(block(candidate)),
        )
        assert.ok(allowed.includes(found), `slot ${slot} of disk ${disk}`)
      }
    }
  }
}

function block(number: number): Buffer {
  const data = Buffer.alloc(SLOT_BYTES)
  data.writeUInt32BE(number)
  return data
}

test('ten kills of the staging process under load lose nothing durable', async (t) => {
  const world = await openWorld(t)
  await world.command(createVolumes(world))
  const promises = new Promises()
  const deletions: string[] = []
  // Chance may let no run come as far as a deletion.
  for (let count = 0; count < 10 || deletions.length === 0; count++) {
    const agent = await world.connect()
    const exited = once(world.process, 'exit')
    const rounds = 1 + Math.floor(Math.random() * 8)
    await assert.rejects(async () => {
      for (let round = 1; ; round++) {
        const kill = (): boolean => world.process.kill('SIGKILL')
        if (round === rounds) setTimeout(kill, Math.random() * 100)
        await promises.keep(agent, round)
        const pointID = promises.deletablePoint()
        if (pointID === undefined) continue
        const commandID = newId('command')
        const { sourceServerID } = world
        world.service.commands.push({ commandID, type: 'DELETE_POINT', sourceServerID, pointID })
        deletions.push(commandID)
      }
    })
    await exited
    await agent[Symbol.asyncDispose]()
    world.start()
  }
  await using agent = await world.connect()
  await promises.assertKept(agent)
  // Every acknowledged point is told; one that was not acknowledged may be there, too.
  const told = (): Set<string> => new Set(world.service.points.map((point) => point.pointID))
  while (!promises.points.every((pointID) => told().has(pointID))) await sleep(50)
  while (!deletions.every((commandID) => world.service.results.get(commandID)?.ok)) await sleep(50)
  await promises.assertKept(agent)
})

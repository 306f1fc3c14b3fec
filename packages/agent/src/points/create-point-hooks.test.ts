import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { MIB, type PointDescription } from '@landfall/model'
import { LoopDisk } from '../replication/loop-disk.ts'
import {
  MemoryReplicationServer,
  testCertificates,
} from '../replication/memory-replication-server.ts'
import { Tracker } from '../tracking/tracker.ts'
import { FREEZE_HOOKS_DIR } from './hook-folder.ts'

const LIMIT = { timeout: 120_000 }
const SERVER_ID = `s-hooks${process.pid}`

interface Said {
  readonly state?: string
  readonly point?: PointDescription
  readonly error?: string
  readonly log?: string
}

/**
 * A machine with one ext4 disk whose agents, each a process, find our hooks in the folder of every
 * real one: they see another /etc than the rest of the system.
 */
class Machine implements AsyncDisposable {
  readonly stack = new AsyncDisposableStack()
  readonly folder = mkdtempSync('/dev/shm/landfall-hooks-')
  disk!: LoopDisk
  server!: MemoryReplicationServer

  static async make(): Promise<Machine> {
    const machine = new Machine()
    machine.stack.defer(() => rmSync(machine.folder, { recursive: true }))
    machine.stack.defer(() => Tracker.remove(`landfall-${SERVER_ID}`))
    machine.disk = machine.stack.use(new LoopDisk(64 * MIB))
    machine.disk.mountExt4()
    for (const name of ['etc', 'work', 'state']) mkdirSync(path.join(machine.folder, name))
    const certificates = testCertificates(SERVER_ID)
    machine.server = machine.stack.use(await MemoryReplicationServer.start(certificates))
    const options = {
      sourceServerID: SERVER_ID,
      disks: [machine.disk.device],
      addresses: ['127.0.0.1'],
      port: machine.server.port,
      tls: certificates,
      stateDir: path.join(machine.folder, 'state'),
      bandwidthThrottlingMbps: 0,
      connections: 2,
    }
    writeFileSync(path.join(machine.folder, 'options.json'), JSON.stringify(options))
    return machine
  }

  /** A hook as an application has it: its file on the disk says whether it is at rest. */
  addHook(name: string, script = ''): string {
    const etc = path.join(this.folder, 'etc')
    const hooks = path.join(etc, path.relative('/etc', FREEZE_HOOKS_DIR))
    mkdirSync(hooks, { recursive: true })
    const hook = path.join(hooks, name)
    const note = `echo "${name} $1" >>'${this.recordFile}'`
    writeFileSync(hook, `#!/bin/sh\n${note}\n${script}\n`)
    for (let at = hook; at !== etc; at = path.dirname(at)) chmodSync(at, 0o755)
    return path.join(FREEZE_HOOKS_DIR, name)
  }

  /** On the disk that is frozen: a hook that ran while it is would hang. */
  get recordFile(): string {
    return path.join(this.disk.mountPoint, 'record')
  }

  get record(): string[] {
    if (!existsSync(this.recordFile)) return []
    return readFileSync(this.recordFile, 'utf8').trim().split('\n')
  }

  startAgent(): Agent {
    return this.stack.use(new Agent(this.folder))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stack.disposeAsync()
  }
}

class Agent implements AsyncDisposable {
  readonly said: Said[] = []
  readonly #child: ChildProcess

  constructor(folder: string) {
    const layers = `lowerdir=/etc,upperdir=${folder}/etc,workdir=${folder}/work`
    const fixture = path.join(import.meta.dirname, '../replicator-process.fixture.ts')
    const program = `'${process.execPath}' '${fixture}' '${folder}/options.json'`
    const script = `mount -t overlay overlay -o ${layers} /etc && exec ${program}`
    this.#child = spawn('unshare', ['--mount', 'sh', '-c', script], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    createInterface({ input: this.#child.stdout! }).on('line', (line) =>
      this.said.push(JSON.parse(line) as Said),
    )
  }

  async until(isTrue: (said: Said) => boolean): Promise<Said> {
    for (;;) {
      const found = this.said.find((one) => isTrue(one))
      if (found !== undefined) return found
      assert.equal(this.#child.exitCode, null, 'the agent ended')
      await sleep(20)
    }
  }

  startPoint(pointID: string): void {
    this.#child.stdin?.write(`point ${pointID}\n`)
  }

  async point(pointID: string): Promise<PointDescription> {
    await this.until(({ state }) => state === 'CONTINUOUS')
    this.startPoint(pointID)
    const { point, error } = await this.until(
      (said) => said.point?.pointID === pointID || said.error !== undefined,
    )
    assert.ok(point, error ?? 'neither point nor error')
    return point
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill('SIGKILL')
    await once(this.#child, 'exit')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
  }
}

async function setUp(t: TestContext): Promise<Machine> {
  const machine = await Machine.make()
  t.after(() => machine[Symbol.asyncDispose]())
  return machine
}

test(
  'a point holds the applications as their hooks left them, and they go on',
  LIMIT,
  async (t) => {
    const machine = await setUp(t)
    const file = path.join(machine.disk.mountPoint, 'application')
    machine.addHook('10-application', `printf 'application at %s' "$1" >'${file}'`)
    machine.addHook('20-other', 'echo "the other says $1"')
    const agent = machine.startAgent()
    const point = await agent.point('point-1')
    assert.equal(point.consistency, 'application')
    assert.deepEqual(point.frozen, [machine.disk.mountPoint])
    assert.deepEqual(point.notFrozen, [])
    const content = machine.server.points.get('point-1')?.disks.get(machine.disk.device)
    assert.ok(content)
    assert.ok(content.includes('application at freeze'))
    assert.ok(!content.includes('application at thaw'))
    assert.equal(readFileSync(file, 'utf8'), 'application at thaw')
    assert.deepEqual(machine.record, [
      '10-application freeze',
      '20-other freeze',
      '20-other thaw',
      '10-application thaw',
    ])
    await agent.until(({ log }) => log?.endsWith('20-other freeze: the other says freeze') === true)
  },
)

test('a hook that fails makes it a point of filesystems, and is named', LIMIT, async (t) => {
  const machine = await setUp(t)
  machine.addHook('1-good')
  const what = machine.addHook('2-bad', '[ $1 = thaw ] || { echo "locked" >&2; exit 1; }')
  const point = await machine.startAgent().point('point-1')
  assert.equal(point.consistency, 'filesystem')
  assert.deepEqual(point.frozen, [machine.disk.mountPoint])
  assert.deepEqual(point.notFrozen, [{ what, why: 'freeze failed with status 1: locked' }])
  assert.deepEqual(machine.record, ['1-good freeze', '2-bad freeze', '2-bad thaw', '1-good thaw'])
})

test(
  'an agent killed with applications at rest lets them go on when it is back',
  LIMIT,
  async (t) => {
    const machine = await setUp(t)
    machine.addHook('1-quick')
    machine.addHook('2-slow', '[ $1 = thaw ] || sleep 1000')
    const first = machine.startAgent()
    await first.until(({ state }) => state === 'CONTINUOUS')
    first.startPoint('point-1')
    while (machine.record.length < 2) await sleep(20)
    await first.kill()
    machine.addHook('2-slow')
    const point = await machine.startAgent().point('point-2')
    assert.equal(point.consistency, 'application')
    assert.deepEqual(machine.record.slice(0, 4), [
      '1-quick freeze',
      '2-slow freeze',
      '2-slow thaw',
      '1-quick thaw',
    ])
  },
)

import assert from 'node:assert/strict'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { getPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { agentFiles, readJson, readSettings, type AgentStatus } from '../agent-files.ts'
import { ConnectProxy } from '../service-client/connect-proxy.fixture.ts'
import {
  FakeRefusal,
  FakeService,
  TEST_KEY,
  TEST_REGION,
  TEST_SERVER_ID,
} from '../service-client/fake-service.ts'
import { AGENT_NICENESS } from './agent-process.ts'
import type { InstallFlags } from './answers.ts'
import { DetachedAgent } from './detached-agent.ts'
import { fakeDisks, makeTree } from './fake-sysfs.ts'
import { install, type InstallSurroundings } from './install.ts'
import { InstallOutput } from './output.ts'
import { uninstall } from './uninstall.ts'

const LIMIT = { timeout: 60_000 }
const SOURCE = join(import.meta.dirname, '..')

/** What the installer unpacks, with a replicator that moves no data. */
async function makeProgram(folder: string, main = join(SOURCE, 'running/fake-agent-main.ts')) {
  await mkdir(folder, { recursive: true })
  await copyFile(join(SOURCE, 'package/supervise.sh'), join(folder, 'supervise'))
  const launcher = `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`
  await writeFile(join(folder, 'landfall-agent'), launcher)
  return folder
}

async function prepare(t: TestContext, service: FakeService, replies: readonly string[] = []) {
  const parent = await mkdtemp(join(tmpdir(), 'landfall-install-'))
  const files = agentFiles(join(parent, 'agent'))
  const agent = new DetachedAgent(files)
  t.after(async () => {
    await agent.stop()
    await rm(parent, { recursive: true, force: true })
  })
  const tracing = await makeTree(t, {
    'events/block/block_rq_complete/format': '',
    'events/block/block_bio_complete/format': '',
    'instances/x': '',
  })
  const machine = await makeTree(t, { 'etc/machine-id': 'a'.repeat(32) })
  let text = ''
  const left = [...replies]
  const reply = async (question: string) => {
    text += `${question}\n`
    return left.shift() ?? ''
  }
  const diskSources = await fakeDisks(t)
  const surroundings: InstallSurroundings = {
    version: '0.1.0',
    env: {},
    prompter: { ask: reply, askHidden: reply, close: () => {} },
    output: new InstallOutput((part) => (text += part)),
    diskSources,
    identitySources: { sys: machine, machineID: join(machine, 'etc/machine-id') },
    tracefs: { mountPoint: tracing, mount: async () => {}, lockdownFile: '/nonexistent' },
    facts: async () => ({
      userID: 0,
      architecture: 'x64',
      availableRamBytes: 512 * 1024 ** 2,
      freeBytes: 1024 ** 3,
    }),
    agentProcess: () => agent,
    programDir: await makeProgram(join(parent, 'unpacked')),
    firstPollMsMax: 30_000,
    signal: new AbortController().signal,
  }
  // The fake disks are empty files that O_DIRECT cannot read a block of: give them one.
  for (const name of ['sda', 'sdb'])
    await writeFile(join(diskSources.dev, name), Buffer.alloc(4096))
  const flags: InstallFlags = {
    prompt: false,
    replication: true,
    installDir: files.installDir,
    region: TEST_REGION,
    endpoint: service.endpoint,
    caFile: service.caFile,
    awsAccessKeyId: TEST_KEY.accessKeyId,
    awsSecretAccessKey: TEST_KEY.secretAccessKey,
    devices: join(diskSources.dev, 'sdb'),
  }
  const output = () =>
    text
      .replaceAll(diskSources.dev, '/dev')
      .replaceAll(files.installDir, '/INSTALL')
      .replaceAll(`127.0.0.1:${service.port}`, 'SERVICE')
  return { parent, files, agent, flags, surroundings, output, diskSources }
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(50)
}

async function agentPid(files: ReturnType<typeof agentFiles>): Promise<number | undefined> {
  return ((await readJson(files.status).catch(() => undefined)) as AgentStatus | undefined)?.pid
}

/** Empty when the process is gone, or dead and waiting to be reaped. */
async function commandLine(pid: number): Promise<string> {
  return await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
}

const DETACHED_NOTE =
  'Note: systemd is not running here: the agent was started detached and does not start by itself ' +
  'after a reboot. Start it then with: sh /INSTALL/bin/supervise /INSTALL &'

test('asks, checks and installs in the order of MGN, and the agent runs', LIMIT, async (t) => {
  const service = await FakeService.start(t)
  const replies = [TEST_REGION, service.endpoint, TEST_KEY.accessKeyId, TEST_KEY.secretAccessKey]
  const prepared = await prepare(t, service, [...replies, ''])
  const { flags, surroundings, output, files, diskSources } = prepared
  const { installDir, caFile } = flags
  // All disks, so those that the selection refuses must go.
  await rm(join(diskSources.sys, 'block/sdd'))
  for (const name of ['cciss/c0d0', 'nvme0n1']) {
    await writeFile(join(diskSources.dev, name), Buffer.alloc(4096))
  }
  const asking = { prompt: true, replication: true, installDir, ...(caFile && { caFile }) }
  assert.equal(await install({ ...asking, tags: ['a=b'] }, surroundings), true, output())
  assert.equal(
    output(),
    `The installation of the Landfall Replication Agent 0.1.0 has started.
Region name (lf-local-1 unless yours has another): 
Address of the service (https://HOST:8443): 
Access key ID: 
Secret access key (not shown): 
Identifying the disks to replicate.
Disks of this machine:
  /dev/sda  20.0 GiB  (boot disk, always replicated)
  /dev/cciss/c0d0  1.0 GiB
  /dev/nvme0n1  5.0 GiB
  /dev/sdb  10.0 GiB
Disks to replicate (paths separated by commas; Enter for all): 
Disk to replicate: /dev/sda of size 20.0 GiB
Disk to replicate: /dev/cciss/c0d0 of size 1.0 GiB
Disk to replicate: /dev/nvme0n1 of size 5.0 GiB
Disk to replicate: /dev/sdb of size 10.0 GiB
Left out: /dev/dm-0 (a device mapper volume, on /dev/sda)
Left out: /dev/loop0 (a file that is replicated with the disk it lies on)
All disks were identified.
Checking this machine and its way to the service.
  ok       Root
  ok       Architecture: x86_64
  ok       RAM: 512 MiB available
  ok       Disk space: 1024 MiB free for /INSTALL
  ok       TLS to the service: SERVICE
  ok       Clock: ${/Clock: (\d+) s/.exec(output())?.[1]} s from the service's
  ok       Credentials
  ok       Replication port: SERVICE
  ok       Change tracking (tracefs)
  ok       Programs: fsfreeze, sync
  ok       Disks: 4 to replicate
Downloading settings and certificate... Finished.
Installing the Landfall Replication Agent... Finished.
Syncing the source server with the service... Finished.
${DETACHED_NOTE}
Source server ID: ${TEST_SERVER_ID}
The Landfall Replication Agent was installed successfully.
`,
  )
  assert.ok(service.polls > 0)
  assert.equal(getPriority(await agentPid(files)), AGENT_NICENESS)
  assert.deepEqual(service.registrations[0]?.tags, { a: 'b' })
  assert.equal(service.registrations[0]?.sourceProperties.disks.length, 4)
  assert.equal((await stat(files.key)).mode & 0o777, 0o600)
  assert.equal((await stat(files.installDir)).mode & 0o777, 0o700)
  assert.equal((await readSettings(files))?.sourceServerID, TEST_SERVER_ID)
})

test(
  'all failed checks come at once, nothing is changed, and tools see the failure',
  LIMIT,
  async (t) => {
    const service = await FakeService.start(t)
    service.clockOffsetMs = 3_600_000
    const { flags, surroundings, output, parent, diskSources } = await prepare(t, service)
    await rm(join(diskSources.dev, 'sda'))
    const facts = async () => ({
      userID: 0,
      architecture: 'x64',
      availableRamBytes: 1024 ** 2,
      freeBytes: 1024 ** 3,
    })
    assert.equal(await install(flags, { ...surroundings, facts }), false)
    const failure = output().slice(output().indexOf('Installation failed'))
    assert.match(
      failure,
      /^Installation failed\nError details: 3 checks failed\. Nothing was changed\./,
    )
    assert.match(
      failure,
      /RAM: 1 MiB.*\n.*Clock: .*60\.0 minutes.*\n.*Disks: \/dev\/sda cannot be read/,
    )
    assert.deepEqual(await readdir(parent), ['unpacked'])
    assert.equal(service.registrations.length, 0)
  },
)

test(
  'a killed agent comes back; a second installation keeps key place and identity',
  LIMIT,
  async (t) => {
    const service = await FakeService.start(t)
    const { flags, surroundings, output, files, parent } = await prepare(t, service)
    assert.equal(await install(flags, surroundings), true, output())
    const first = await agentPid(files)
    assert.ok(first)
    process.kill(first, 'SIGKILL')
    await until(async () => ![undefined, first].includes(await agentPid(files)))
    const second = await agentPid(files)
    const programDir = await makeProgram(join(parent, 'unpacked again'))
    assert.equal(await install(flags, { ...surroundings, programDir }), true, output())
    assert.notEqual(await agentPid(files), second)
    const [one, two] = service.registrations
    assert.equal(one?.machineIdentity, two?.machineIdentity)
    assert.ok(!(await readdir(files.installDir)).includes('bin.old'))
  },
)

test('an installation whose agent does not start leaves nothing', LIMIT, async (t) => {
  const service = await FakeService.start(t)
  const { flags, surroundings, output, parent } = await prepare(t, service)
  const programDir = await makeProgram(join(parent, 'broken'), '/nonexistent/main.mjs')
  const broken = { ...surroundings, programDir, firstPollMsMax: 1500 }
  assert.equal(await install(flags, broken), false)
  assert.match(output(), /Syncing.*\.\.\. \nInstallation failed\nError details: .*did not start/)
  assert.match(output(), /Its log ends:[^]*Cannot find module/)
  assert.deepEqual(await readdir(parent), ['unpacked'])
})

test('a failed reinstallation brings the earlier agent back, running', LIMIT, async (t) => {
  const service = await FakeService.start(t)
  const { flags, surroundings, output, files, parent } = await prepare(t, service)
  assert.equal(await install(flags, surroundings), true, output())
  const key = await readFile(files.key, 'utf8')
  const programDir = await makeProgram(join(parent, 'broken'), '/nonexistent/main.mjs')
  const broken = { ...surroundings, programDir, firstPollMsMax: 1500 }
  assert.equal(await install(flags, broken), false)
  assert.equal(await readFile(files.key, 'utf8'), key)
  const polls = service.polls
  await until(async () => service.polls > polls)
})

test('a refused registration installs nothing and names the error', LIMIT, async (t) => {
  const service = await FakeService.start(t)
  const refusal = new FakeRefusal(409, 'ConflictException', 'the user-provided ID is taken')
  service.refusals.set('RegisterAgentForMgn', refusal)
  const { flags, surroundings, output, parent } = await prepare(t, service)
  assert.equal(await install(flags, surroundings), false)
  assert.match(output(), /Installation failed\nError details: .*the user-provided ID is taken/)
  assert.deepEqual(await readdir(parent), ['unpacked'])
})

test('an uninstall ends the agent, removes everything, and may come again', LIMIT, async (t) => {
  const service = await FakeService.start(t)
  const { flags, surroundings, output, files, agent, parent } = await prepare(t, service)
  assert.equal(await install(flags, surroundings), true, output())
  const pid = await agentPid(files)
  assert.ok(pid)
  const cleaned: string[] = []
  const removeTracking = async ({ sourceServerID }: { sourceServerID: string }) => {
    cleaned.push(sourceServerID)
  }
  assert.equal(await uninstall({ files, agent, removeTracking }), true)
  assert.throws(() => process.kill(pid, 0), /ESRCH/)
  assert.deepEqual(await readdir(parent), [])
  assert.deepEqual(cleaned, [TEST_SERVER_ID])
  assert.equal(await uninstall({ files, agent, removeTracking }), false)
})

test('a disconnected agent removes itself and everything it made', LIMIT, async (t) => {
  const service = await FakeService.start(t)
  const { flags, surroundings, output, files, parent } = await prepare(t, service)
  assert.equal(await install(flags, surroundings), true, output())
  const pid = await agentPid(files)
  const loop = Number(await readFile(files.supervisorPid, 'utf8'))
  const { configuration } = service.answer
  service.answer = { configuration: { ...configuration, desired: 'DISCONNECTED' }, commands: [] }
  await until(async () => (await readdir(parent)).length === 0)
  for (const id of [pid, loop]) {
    assert.ok(id)
    await until(async () => (await commandLine(id)) === '')
  }
})

test(
  'installs through the proxy of the environment, and keeps it for the agent',
  LIMIT,
  async (t) => {
    const service = await FakeService.start(t)
    const proxy = await ConnectProxy.start(t)
    proxy.credentials = 'user:secret'
    const { flags, surroundings, output, files } = await prepare(t, service)
    const env = { HTTPS_PROXY: proxy.url.replace('//', '//user:secret@') }
    assert.equal(await install(flags, { ...surroundings, env }), true, output())
    assert.match(
      output(),
      /TLS to the service: SERVICE through the proxy http:\/\/127\.0\.0\.1:\d+\n/,
    )
    assert.ok(!output().includes('secret'))
    assert.equal((await readSettings(files))?.proxy, `${env.HTTPS_PROXY}/`)
    // The installer's tunnel, and the agent's, whose environment has no proxy.
    assert.ok(proxy.targets.length >= 2)
    await proxy.close()
    const polls = service.polls
    await until(async () => (await readFile(files.log, 'utf8')).includes('The proxy http'))
    assert.equal(service.polls, polls)
  },
)

test('registers without replication when asked to', LIMIT, async (t) => {
  const service = await FakeService.start(t)
  const { flags, surroundings, output } = await prepare(t, service)
  assert.equal(await install({ ...flags, replication: false }, surroundings), true, output())
  assert.equal(service.registrations[0]?.noReplication, true)
})

test('an interrupted installation says so and leaves nothing', LIMIT, async (t) => {
  const service = await FakeService.start(t)
  const { flags, surroundings, output, parent } = await prepare(t, service)
  const abort = new AbortController()
  const facts = async (installDir: string) => {
    abort.abort()
    return surroundings.facts(installDir)
  }
  const interrupted = { ...surroundings, facts, signal: abort.signal }
  assert.equal(await install(flags, interrupted), false)
  assert.match(output(), /Error details: It was interrupted/)
  assert.deepEqual(await readdir(parent), ['unpacked'])
})

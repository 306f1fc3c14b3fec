import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises'
import { connect, createServer, type AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import {
  FakeRefusal,
  FakeService,
  TEST_KEY,
  TEST_REGION,
} from '../../service-client/fake-service.ts'
import { InstallerClient } from '../../service-client/installer-client.ts'
import { makeTree } from '../fake-sysfs.ts'
import type { CheckResult } from './check.ts'
import { checkMachine } from './machine.ts'
import { checkPrograms } from './programs.ts'
import { checkReplicationPort } from './replication-port.ts'
import { checkService } from './service.ts'
import { checkTracefs } from './tracefs.ts'

const GOOD = {
  userID: 0,
  architecture: 'x64',
  availableRamBytes: 1024 ** 3,
  freeBytes: 1024 ** 3,
}

function problemOf(results: readonly CheckResult[], name: string): string {
  const result = results.find((candidate) => candidate.name === name)
  return result?.outcome === 'failed' ? result.problems.join() : ''
}

test('a good machine passes', () => {
  const results = checkMachine(GOOD, '/x')
  assert.deepEqual(new Set(results.map(({ outcome }) => outcome)), new Set(['ok']))
})

test('each lack of the machine is named with its remedy', () => {
  const bad = { userID: 1000, architecture: 'arm64', availableRamBytes: 1, freeBytes: 1 }
  const results = checkMachine(bad, '/x')
  assert.match(problemOf(results, 'Root'), /user 1000.*sudo/)
  assert.match(problemOf(results, 'Architecture'), /arm64.*only x86_64/)
  assert.match(problemOf(results, 'RAM'), /0 MiB.*150 MiB.*add memory/)
  assert.match(problemOf(results, 'Disk space'), /0 MiB.*--install-dir/)
})

function clientOf(t: TestContext, service: FakeService, credentials = TEST_KEY) {
  const client = new InstallerClient({
    endpoint: new URL(service.endpoint),
    region: TEST_REGION,
    credentials,
    caPem: service.caPem,
  })
  t.after(() => client.close())
  return client
}

test('a wrong clock is reported as that, and not as a wrong key', async (t) => {
  const service = await FakeService.start(t)
  service.clockOffsetMs = 3_600_000
  const { results, assets } = await checkService(clientOf(t, service))
  assert.match(problemOf(results, 'Clock'), /60\.0 minutes behind.*date -u -s.*NTP/)
  assert.equal(problemOf(results, 'Credentials'), '')
  assert.ok(assets)
})

test('wrong secret, unknown key and missing policy have their own remedies', async (t) => {
  const service = await FakeService.start(t)
  const problem = async (credentials = TEST_KEY) =>
    problemOf((await checkService(clientOf(t, service, credentials))).results, 'Credentials')
  assert.match(await problem({ ...TEST_KEY, secretAccessKey: 'x' }), /pasted.*Enter both again/)
  assert.match(await problem({ ...TEST_KEY, accessKeyId: 'AKIAX' }), /does not know.*users create/)
  service.refusals.set(
    'GetAgentInstallationAssetsForMgn',
    new FakeRefusal(403, 'AccessDeniedException', 'no'),
  )
  assert.match(await problem(), /Attach the policy AWSApplicationMigrationAgentInstallationPolicy/)
  service.refusals.set(
    'GetAgentInstallationAssetsForMgn',
    new FakeRefusal(400, 'UninitializedAccountException', 'not yet'),
  )
  assert.match(await problem(), /aws mgn initialize-service/)
  service.refusals.set(
    'GetAgentInstallationAssetsForMgn',
    new FakeRefusal(403, 'InvalidSignatureException', "scoped to a valid region: 'lf-local-1'."),
  )
  assert.match(await problem(), /'lf-local-1'.*Correct --region/)
})

test('without a connection the checks that need it are skipped, not failed', async (t) => {
  const service = await FakeService.start(t)
  await service.close()
  const { results } = await checkService(clientOf(t, service))
  assert.deepEqual(
    results.map(({ outcome }) => outcome),
    ['failed', 'skipped', 'skipped'],
  )
})

test('one reachable address of the staging area is enough; none names each', async () => {
  const server = createServer((socket) => socket.destroy())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const good = await checkReplicationPort({ addresses: ['no-such.invalid', '127.0.0.1'], port })
  assert.equal(good.outcome, 'ok')
  await new Promise<void>((resolve) => server.close(() => resolve()))
  const addresses = ['no-such.invalid', '127.0.0.1']
  const bad = problemOf([await checkReplicationPort({ addresses, port })], 'Replication port')
  assert.match(bad, /no-such\.invalid:\d+ cannot be resolved; 127\.0\.0\.1:\d+ refuses/)
  assert.match(bad, /Let TCP \d+ through the firewalls/)
})

/** A port on 127.0.0.1 that answers nothing at all, as behind a firewall that drops packets. */
async function silentPort(t: TestContext): Promise<number> {
  // It never accepts: once its queue is full, the kernel drops what else comes.
  const program =
    'use Socket; socket(S, PF_INET, SOCK_STREAM, 0); bind(S, sockaddr_in(0, inet_aton("127.0.0.1")));' +
    'listen(S, 0); $| = 1; print((sockaddr_in(getsockname(S)))[0], "\\n"); sleep 1000'
  const child = spawn('perl', ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  const [text] = (await once(child.stdout, 'data')) as [Buffer]
  const port = Number(String(text))
  const filler = connect({ host: '127.0.0.1', port })
  t.after(() => filler.destroy())
  await once(filler, 'connect')
  return port
}

test('an address that is silent is given up, and does not keep the others from being tried', async (t) => {
  const port = await silentPort(t)
  const server = createServer((socket) => socket.destroy())
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.2', resolve))
  t.after(() => server.close())
  const timeoutMs = 300
  const good = await checkReplicationPort({
    addresses: ['127.0.0.1', '127.0.0.2'],
    port,
    timeoutMs,
  })
  assert.deepEqual(good, {
    name: 'Replication port',
    outcome: 'ok',
    detail: `127.0.0.2:${port}`,
  })
  const bad = await checkReplicationPort({ addresses: ['127.0.0.1'], port, timeoutMs })
  assert.match(problemOf([bad], 'Replication port'), /127\.0\.0\.1:\d+ does not answer/)
})

test('programs that a point needs are found here; each that is missing has its remedy', async (t) => {
  assert.equal((await checkPrograms()).outcome, 'ok')
  const empty = await makeTree(t, {})
  const result = await checkPrograms(empty)
  assert.match(problemOf([result], 'Programs'), /fsfreeze.*Install util-linux.*sync -f.*coreutils/)
  // As of coreutils 8.23.
  const old = await makeTree(t, { sync: '#!/bin/sh\necho "Usage: sync [OPTION]"\n' })
  await chmod(join(old, 'sync'), 0o755)
  await symlink('/sbin/fsfreeze', join(old, 'fsfreeze'))
  assert.match(problemOf([await checkPrograms(old)], 'Programs'), /^sync cannot.*8\.24/)
})

test('tracefs is mounted where it is not, and its lack names the kernel options', async (t) => {
  const root = await makeTree(t, { lockdown: '[none] integrity confidentiality' })
  const mountPoint = join(root, 'tracing')
  const lockdownFile = join(root, 'lockdown')
  const files = [
    'events/block/block_rq_complete/format',
    'events/block/block_bio_complete/format',
    'instances',
  ]
  const works = async () => {
    for (const file of files) {
      await mkdir(dirname(join(mountPoint, file)), { recursive: true })
      await writeFile(join(mountPoint, file), '')
    }
  }
  const fails = async () => {
    throw new Error('unknown filesystem type')
  }
  const problem = async () =>
    problemOf(
      [await checkTracefs({ mountPoint, mount: fails, lockdownFile })],
      'Change tracking (tracefs)',
    )
  assert.match(await problem(), /unknown filesystem type.*CONFIG_EVENT_TRACING=y/)
  await mkdir(join(mountPoint, 'events'), { recursive: true })
  assert.match(await problem(), /lacks events\/block\/block_rq_complete.*CONFIG_BLK_DEV_IO_TRACE=y/)
  await writeFile(lockdownFile, 'none integrity [confidentiality]')
  assert.match(
    problemOf(
      [await checkTracefs({ mountPoint: join(root, 'other'), mount: fails, lockdownFile })],
      'Change tracking (tracefs)',
    ),
    /Boot without lockdown=confidentiality/,
  )
  await works()
  assert.equal((await checkTracefs({ mountPoint, mount: fails, lockdownFile })).outcome, 'ok')
})

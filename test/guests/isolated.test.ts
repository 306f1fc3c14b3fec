import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { buildGuestImage, installAgent, SourceMachine } from '@landfall/cli'
import { detectAccelerator } from '@landfall/launch'
import { createInstallerKey } from '../agent.ts'
import { AwsCommandLine } from '../aws-command-line.ts'
import { eventually } from '../eventually.ts'
import { freePort, Installation } from '../installation.ts'
import { Instance } from './instance.ts'
import { launchTest, untilUp } from './test-instance.ts'

/**
 * A server of a real guest, launched as a test instance with its own addresses while it runs: its
 * network leads nowhere, and its agent reports and runs commands all the same.
 */

/** Where the demo keeps its image too: on a disk, and for the next time. */
const CACHE_DIR = '/var/tmp/landfall-demo'
const SYNC_DEADLINE_MS = 1_800_000
const COMMAND_DEADLINE_MS = 600_000

/** An address of nobody, which the host would have to route. */
const ELSEWHERE = '198.51.100.1'

/** Says of each address whether TCP gets through, and of a name server whether it answers. */
function reachScript(port: number): string {
  return [
    'reach() {',
    '  if timeout 8 bash -c "exec 3<>/dev/tcp/$1/$2" 2>/dev/null; then echo "open $1:$2"',
    '  else echo "closed $1:$2"; fi',
    '}',
    `reach 10.0.2.2 ${port}`,
    'reach 10.0.2.2 22',
    `reach ${ELSEWHERE} 80`,
    'if timeout 8 getent ahostsv4 deb.debian.org >/dev/null; then echo resolved; else echo unresolved; fi',
  ].join('\n')
}

const DESCRIBE = [
  'echo "address $(ip -4 -o addr show dev ens3 | awk \'{print $4}\')"',
  'echo "gateway $(ip -4 route show default | awk \'{print $3}\')"',
  'sed "s/^ */interfaces /" /etc/network/interfaces',
  'sed "s/^/resolver /" /etc/resolv.conf',
].join('\n')

test("a test instance with its source's addresses meets nobody, and reports all the same", async (t) => {
  const { signal } = t
  const folder = await mkdtemp('/var/tmp/landfall-isolated-')
  t.after(() => rm(folder, { recursive: true }))
  await using installation = await Installation.start()
  const aws = await AwsCommandLine.of(installation)
  const { accelerator } = await detectAccelerator({ signal })
  const options = { accelerator, signal, onProgress: () => undefined }
  const log = (message: string) => t.diagnostic(message)
  const launchOptions = { installation, signal, log }
  const image = await buildGuestImage({ ...options, cacheDir: CACHE_DIR })
  const sshPort = await freePort()
  await using machine = await SourceMachine.boot({ ...options, image, folder, sshPort })
  const id = await installAgent(machine, {
    port: installation.port,
    region: 'lf-local-1',
    key: await createInstallerKey(installation),
    caCertificatePem: await readFile(installation.caFile, 'utf8'),
    signal,
  })
  // The very same script finds the service from the source: it can tell open from closed.
  const reach = reachScript(installation.port)
  assert.match(
    await machine.run(reach, { signal }),
    new RegExp(`^open 10.0.2.2:${installation.port}$`, 'm'),
  )
  await installation.untilContinuous(id, SYNC_DEADLINE_MS)

  const server = ['--source-server-id', id]
  await aws.mgn('update-launch-configuration', ...server, '--copy-private-ip')
  const { instanceID } = await launchTest(id, launchOptions)
  await untilUp({ instanceID, sourceServerID: id }, launchOptions)
  const instance = await Instance.of(installation, instanceID)

  await t.test('nothing answers, neither its host nor what is behind it', async () => {
    assert.deepEqual((await instance.run(reach)).split('\n'), [
      `closed 10.0.2.2:${installation.port}`,
      'closed 10.0.2.2:22',
      `closed ${ELSEWHERE}:80`,
      'unresolved',
    ])
  })

  await t.test('it has the address, gateway and name server of its source, by itself', async () => {
    const source = await machine.run(DESCRIBE, { signal })
    const described = await instance.run(DESCRIBE)
    t.diagnostic(described)
    for (const what of ['address', 'gateway']) {
      const line = new RegExp(`^${what} .+$`, 'm')
      assert.equal(line.exec(described)?.[0], line.exec(source)?.[0])
    }
    assert.match(source, /^interfaces iface ens3 inet dhcp$/m)
    assert.match(described, /^interfaces iface ens3 inet static$/m)
    assert.match(described, /^interfaces address 10\.0\.2\.15\/24$/m)
    assert.match(described, /^resolver nameserver 10\.0\.2\.3$/m)
  })

  await t.test('a service that was killed finds the instance again', async () => {
    const pid = await readFile(join(installation.dataDir, 'run', 'service.pid'), 'utf8')
    process.kill(Number(/\d+/.exec(pid)?.[0]), 'SIGKILL')
    const log = await eventually('the service answers', COMMAND_DEADLINE_MS, () =>
      instance.run('tail -n 20 /var/lib/landfall-agent/agent.log'),
    )
    assert.match(log, /by its virtio-serial port/)
  })
})

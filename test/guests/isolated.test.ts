import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildGuestImage, installAgent, SourceMachine } from '@landfall/cli'
import { detectAccelerator } from '@landfall/launch'
import { createInstallerKey } from '../agent.ts'
import { AwsCommandLine } from '../aws-command-line.ts'
import { freePort, Installation } from '../installation.ts'

/**
 * A server of a real guest, launched as a test instance with its own addresses while it runs: its
 * network leads nowhere, and its agent reports and runs commands all the same.
 */

/** Where the demo keeps its image too: on a disk, and for the next time. */
const CACHE_DIR = '/var/tmp/landfall-demo'
const SYNC_DEADLINE_MS = 1_800_000
const LAUNCH_DEADLINE_MS = 3_600_000
const COMMAND_DEADLINE_MS = 600_000
const POLL_MS = 2000

/** An address of nobody, which the host would have to route. */
const ELSEWHERE = '198.51.100.1'

interface Launched {
  readonly ec2InstanceID?: string
  readonly firstBoot?: string
}

interface Invocation {
  readonly Status: string
  readonly StandardOutputContent: string
  readonly StandardErrorContent: string
}

async function until<T>(deadlineMs: number, what: string, look: () => Promise<T | undefined>) {
  const deadline = Date.now() + deadlineMs
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    assert.ok(Date.now() < deadline, `${what}: not in time`)
    await sleep(POLL_MS)
  }
}

/** What runs would go on after the service has ended. */
async function terminateInstances(aws: AwsCommandLine): Promise<void> {
  const query = ['--query', 'Reservations[].Instances[].InstanceId']
  const ids = await aws.ec2<string[]>('describe-instances', ...query)
  if (ids.length > 0) await aws.ec2('terminate-instances', '--instance-ids', ...ids)
}

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
  await using _instances = { [Symbol.asyncDispose]: () => terminateInstances(aws) }
  const { accelerator } = await detectAccelerator({ signal })
  const options = { accelerator, signal, onProgress: () => undefined }
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
  await aws.mgn('start-test', '--source-server-ids', id)
  const instanceID = await until(LAUNCH_DEADLINE_MS, 'the first boot', async () => {
    const { launchedInstance } = (await installation.sourceServer(id)) as {
      launchedInstance?: Launched
    }
    const { items } = await aws.mgn<{
      items: {
        initiatedBy: string
        status: string
        participatingServers: { launchStatus: string }[]
      }[]
    }>('describe-jobs')
    assert.notEqual(
      items[0]?.participatingServers[0]?.launchStatus,
      'FAILED',
      JSON.stringify(items),
    )
    return launchedInstance?.firstBoot === 'SUCCEEDED' ? launchedInstance.ec2InstanceID : undefined
  })

  const run = async (script: string): Promise<string> => {
    const shell = ['--document-name', 'AWS-RunShellScript', '--instance-ids', instanceID]
    const parameters = ['--parameters', JSON.stringify({ commands: [script] })]
    const { Command } = await until(COMMAND_DEADLINE_MS, 'the agent asks', () =>
      aws
        .ssm<{ Command: { CommandId: string } }>('send-command', ...shell, ...parameters)
        .catch(() => undefined),
    )
    const named = ['--command-id', Command.CommandId, '--instance-id', instanceID]
    const ended = await until(COMMAND_DEADLINE_MS, 'the command ends', async () => {
      const invocation = await aws.ssm<Invocation>('get-command-invocation', ...named)
      return /Pending|InProgress/.test(invocation.Status) ? undefined : invocation
    })
    assert.equal(ended.Status, 'Success', ended.StandardErrorContent)
    return ended.StandardOutputContent
  }

  await t.test('nothing answers, neither its host nor what is behind it', async () => {
    assert.deepEqual((await run(reach)).trim().split('\n'), [
      `closed 10.0.2.2:${installation.port}`,
      'closed 10.0.2.2:22',
      `closed ${ELSEWHERE}:80`,
      'unresolved',
    ])
  })

  await t.test('it has the address, gateway and name server of its source, by itself', async () => {
    const source = await machine.run(DESCRIBE, { signal })
    const instance = await run(DESCRIBE)
    t.diagnostic(instance)
    for (const what of ['address', 'gateway']) {
      const line = new RegExp(`^${what} .+$`, 'm')
      assert.equal(line.exec(instance)?.[0], line.exec(source)?.[0])
    }
    assert.match(source, /^interfaces iface ens3 inet dhcp$/m)
    assert.match(instance, /^interfaces iface ens3 inet static$/m)
    assert.match(instance, /^interfaces address 10\.0\.2\.15\/24$/m)
    assert.match(instance, /^resolver nameserver 10\.0\.2\.3$/m)
  })

  await t.test('a service that was killed finds the instance again', async () => {
    const pid = await readFile(join(installation.dataDir, 'run', 'service.pid'), 'utf8')
    process.kill(Number(/\d+/.exec(pid)?.[0]), 'SIGKILL')
    const log = await until(COMMAND_DEADLINE_MS, 'the service answers', () =>
      run('tail -n 20 /var/lib/landfall-agent/agent.log').catch(() => undefined),
    )
    assert.match(log, /by its virtio-serial port/)
  })
})

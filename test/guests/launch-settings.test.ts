import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { detectAccelerator } from '@landfall/launch'
import { createInstallerKey } from '../agent.ts'
import { AwsCommandLine } from '../aws-command-line.ts'
import { eventually } from '../eventually.ts'
import { Installation } from '../installation.ts'
import { CELLS } from './cell.ts'
import { Instance } from './instance.ts'
import { CACHE_DIR } from './run-cells.ts'
import { bootSource, replicate } from './source-guest.ts'
import { launchTest, untilUp } from './test-instance.ts'

/** Its ramdisk has the drivers, so that its launches are short. */
const CELL = CELLS.find(({ name }) => name === 'ide-gpt-xfs')!

const STOP_DEADLINE_MS = 120_000

/** What an instance's own kernel says of it. */
const LOOK_INSIDE = `
nproc
sed -n 's/^MemTotal: *\\([0-9]*\\) kB/\\1/p' /proc/meminfo
[ -d /sys/firmware/efi ] && echo uefi || echo bios
ip -o -4 address show scope global | awk '{ printf "%s=%s ", $2, $4 }'
`

interface Described {
  readonly Reservations: readonly {
    readonly Instances: readonly {
      readonly InstanceType: string
      readonly State: { readonly Name: string }
      readonly Tags?: readonly { readonly Key: string; readonly Value: string }[]
    }[]
  }[]
}

test('each launch setting is found inside the instance that was launched by it', async (t) => {
  const { signal } = t
  const folder = await mkdtemp('/var/tmp/landfall-settings-')
  t.after(() => rm(folder, { recursive: true }))
  await using installation = await Installation.start('/var/tmp')
  const { accelerator } = await detectAccelerator({ signal })
  const log = (message: string) => t.diagnostic(message)
  const options = { installation, accelerator, cacheDir: CACHE_DIR, signal, log }
  const key = await createInstallerKey(installation)
  await using source = await bootSource(CELL, folder, options)
  // Told from what any guest here gets by DHCP.
  await source.run('ip address add 10.0.2.77/24 dev ens3', { signal })
  const sourceServerID = await replicate(CELL, source, { ...options, key, folder })
  const aws = await AwsCommandLine.of(installation)
  const server = ['--source-server-id', sourceServerID]
  const configure = (...settings: string[]) =>
    aws.mgn('update-launch-configuration', ...server, ...settings)
  const setTemplate = async (data: object) => {
    const { ec2LaunchTemplateID } = await aws.mgn<{ ec2LaunchTemplateID: string }>(
      ...(['get-launch-configuration', ...server] as const),
    )
    const template = ['--launch-template-id', ec2LaunchTemplateID]
    const { LaunchTemplateVersion: made } = await aws.ec2<{
      LaunchTemplateVersion: { VersionNumber: number }
    }>(
      'create-launch-template-version',
      ...template,
      ...['--source-version', '$Latest', '--launch-template-data', JSON.stringify(data)],
    )
    const isDefault = ['--default-version', String(made.VersionNumber)]
    await aws.ec2('modify-launch-template', ...template, ...isDefault)
  }
  const describe = async (instanceID: string) => {
    const ids = ['--instance-ids', instanceID]
    const answer = await aws.ec2<Described>('describe-instances', ...ids)
    return answer.Reservations[0]!.Instances[0]!
  }
  const lookInside = async (instanceID: string) => {
    await untilUp({ instanceID, sourceServerID }, options)
    const instance = await Instance.of(installation, instanceID)
    const lines = (await instance.run(LOOK_INSIDE)).split('\n')
    const [cpus = '', kibibytes = '', firmware, addresses = ''] = lines
    return { cpus: Number(cpus), gibibytes: Number(kibibytes) / 1024 ** 2, firmware, addresses }
  }
  let earlier = ''

  await t.test('right sizing: CPUs and memory of the type for the source', async () => {
    await configure('--target-instance-type-right-sizing-method', 'BASIC')
    const { instanceID } = await launchTest(sourceServerID, options)
    earlier = instanceID
    const inside = await lookInside(instanceID)
    assert.equal((await describe(instanceID)).InstanceType, 'c5.large')
    assert.equal(inside.cpus, 2)
    assert.ok(inside.gibibytes > 3.5 && inside.gibibytes <= 4, `${inside.gibibytes} GiB of 4`)
    assert.equal(inside.firmware, 'bios')
    assert.match(inside.addresses, /^ens3=10\.0\.2\.15\/24$/)
  })

  await t.test('a type of one’s own, tags, stopped, with the addresses of the source', async () => {
    await configure(
      ...['--target-instance-type-right-sizing-method', 'NONE', '--launch-disposition', 'STOPPED'],
      ...['--copy-private-ip', '--copy-tags'],
    )
    const { arn } = await aws
      .mgn<{ items: { arn: string }[] }>('describe-source-servers')
      .then(({ items }) => items[0]!)
    await aws.mgn('tag-resource', '--resource-arn', arn, '--tags', 'role=web,owner=source')
    const TagSpecifications = [
      { ResourceType: 'instance', Tags: [{ Key: 'owner', Value: 'template' }] },
    ]
    await setTemplate({ InstanceType: 't3.micro', TagSpecifications })
    const { instanceID } = await launchTest(sourceServerID, options)
    assert.notEqual(instanceID, earlier)
    assert.equal((await describe(earlier)).State.Name, 'terminated')
    const stopped = await describe(instanceID)
    assert.equal(stopped.State.Name, 'stopped')
    const tags = Object.fromEntries(stopped.Tags?.map(({ Key, Value }) => [Key, Value]) ?? [])
    assert.equal(tags['role'], 'web')
    assert.equal(tags['owner'], 'template')

    await aws.ec2('start-instances', '--instance-ids', instanceID)
    const inside = await lookInside(instanceID)
    assert.ok(inside.gibibytes > 0.8 && inside.gibibytes <= 1, `${inside.gibibytes} GiB of 1`)
    assert.match(inside.addresses, /ens3=10\.0\.2\.15\/24/)
    assert.match(inside.addresses, /ens3=10\.0\.2\.77\/24/)
    earlier = instanceID
  })

  await t.test('protected against termination, it stays, and the next launch fails', async () => {
    const protection = ['--instance-id', earlier]
    await aws.ec2('modify-instance-attribute', ...protection, '--disable-api-termination')
    await assert.rejects(launchTest(sourceServerID, options), /CLEANUP_FAIL[^]*protect/i)
    assert.equal((await describe(earlier)).State.Name, 'running')
    await aws.ec2('modify-instance-attribute', ...protection, '--no-disable-api-termination')
  })

  await t.test(
    'what it has written is told, and its disk is exported once it is stopped',
    async () => {
      const changes = ['instances', 'changes', earlier, '--json']
      const { disks } = JSON.parse(await installation.landfall(...changes)) as {
        disks: { deviceName: string; writtenBytes: number }[]
      }
      assert.ok(disks.length === 1 && disks[0]!.writtenBytes > 0)
      const file = join(folder, 'instance.vmdk')
      const disk = ['--disk', disks[0]!.deviceName, '--to', file, '--format', 'vmdk']
      const exported = () => installation.landfall('instances', 'export', earlier, ...disk)
      await assert.rejects(exported(), /is running: its disks are copied only while it is stopped/)
      await aws.ec2('stop-instances', '--instance-ids', earlier, '--force')
      await eventually(`${earlier} stops`, STOP_DEADLINE_MS, async () =>
        (await describe(earlier)).State.Name === 'stopped' ? true : undefined,
      )
      await exported()
    },
  )

  await t.test(
    'a guest that cannot be converted leaves nothing, and is launched later',
    async () => {
      await configure('--launch-disposition', 'STARTED')
      const hide =
        'cd /lib/modules/*/ && mv modules.dep modules.hidden && echo > modules.dep && sync'
      await source.run(hide, { signal })
      await assert.rejects(
        launchTest(sourceServerID, options),
        /CONVERSION_FAIL[^]*no drivers for KVM[^]*Install a kernel/,
      )
      const conversions = join(installation.dataDir, 'staging', 'conversions')
      assert.deepEqual(await readdir(conversions), [])
      await source.run('cd /lib/modules/*/ && mv modules.hidden modules.dep && sync', { signal })
      const { instanceID } = await launchTest(sourceServerID, options)
      await untilUp({ instanceID, sourceServerID }, options)
    },
  )
})

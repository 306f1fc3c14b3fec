import assert from 'node:assert/strict'
import { chmod, chown, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { TestContext } from 'node:test'
import { newId } from '@landfall/model'
import { createLaunchPlan, type LaunchPlanInput } from '../launch-plan.ts'
import type { TargetNetwork } from '../network/target-network.ts'
import { providerContract } from '../provider.contract.ts'
import type { ProviderUnderTest } from '../provider.contract.ts'
import { runProgram } from '../run-program.ts'
import { ensureLibvirt } from './daemons.ts'
import type { LibvirtDaemons } from './daemons.ts'
import { domainName, domainUUID } from './domain-xml.ts'
import { LibvirtProvider } from './libvirt-provider.ts'

/** Nobody's number: an unprivileged user that owns the disks and runs QEMU. */
const OWNER = { uid: 64_999, gid: 64_999 }

let runDir = ''
let daemons: LibvirtDaemons | undefined

before(async () => {
  runDir = await mkdtemp('/tmp/landfall-libvirt-')
  daemons = await ensureLibvirt({ runDir })
})

after(async () => {
  await daemons?.stop()
  if (runDir !== '') await rm(runDir, { recursive: true })
})

async function open(t: TestContext): Promise<ProviderUnderTest & { folder: string }> {
  const folder = await mkdtemp('/tmp/landfall-provider-')
  t.after(() => rm(folder, { recursive: true }))
  await chmod(folder, 0o711)
  const makeDisks = async (instanceID: string) => {
    const disks = ['/dev/sda', '/dev/sdb'].map((deviceName, index) => ({
      deviceName,
      path: join(folder, `${instanceID} & ${index}.qcow2`),
    }))
    for (const [index, { path }] of disks.entries()) {
      const base = join(folder, `${instanceID}-base-${index}.qcow2`)
      await runProgram('qemu-img', ['create', '-q', '-f', 'qcow2', base, '64M'])
      const overlay = ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', base, path]
      await runProgram('qemu-img', overlay)
      for (const file of [base, path]) await chown(file, OWNER.uid, OWNER.gid)
    }
    return disks
  }
  const provider = new LibvirtProvider({ instancesDir: join(folder, 'instances'), owner: OWNER })
  return { provider, makeDisks, folder }
}

providerContract('libvirt', open)

async function launched(t: TestContext, changes: Partial<LaunchPlanInput> = {}) {
  const opened = await open(t)
  const instanceID = newId('instance')
  const disks = await opened.makeDisks(instanceID)
  const plan = createLaunchPlan({
    instanceID,
    name: 'test',
    instanceType: 't3.nano',
    firmware: 'bios',
    disks,
    tags: {},
    start: true,
    accelerator: 'tcg',
    ...changes,
  })
  t.after(() => opened.provider.terminate(instanceID))
  await opened.provider.launch(plan)
  return { ...opened, instanceID, disks }
}

test('QEMU runs as the owner of the disks, and no file changes hands', async (t) => {
  const instance = await launched(t)
  const { instanceID, disks, folder, provider } = instance
  const name = domainName(instanceID)
  const pid = Number(await readFile(`/run/libvirt/qemu/${name}.pid`, 'utf8'))
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  assert.match(status, /^Uid:\t64999\t64999\t64999\t64999$/m)
  const files = [...disks.map((disk) => disk.path), join(folder, `${instanceID}-base-0.qcow2`)]
  for (const file of files) assert.equal((await stat(file)).uid, OWNER.uid)
  await provider.terminate(instanceID)
  for (const file of files) assert.equal((await stat(file)).uid, OWNER.uid)
})

test('an isolated instance is in a network of its own that QEMU closes, and has a channel', async (t) => {
  const settings = {
    addresses: ['192.0.2.10/24'],
    gateway: '192.0.2.1',
    routes: [],
    nameServers: [],
    searchDomains: [],
  }
  const one = { name: 'ens3', sourceMacAddress: '', sourceAddresses: [] }
  const network: TargetNetwork = { name: 'isolated', kind: 'isolated' }
  const interfaces = [{ ...one, target: 'STATIC', settings } as const]
  const { instanceID, folder } = await launched(t, { network: { network, interfaces } })
  const pid = Number(await readFile(`/run/libvirt/qemu/${domainName(instanceID)}.pid`, 'utf8'))
  const args = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0')
  const networks = args.filter((arg) => arg.startsWith('user,'))
  const cards = args.filter((arg) => arg.includes('virtio-net'))
  const subnet = 'net=192.0.2.0/24,host=192.0.2.1,dns=192.0.2.2,dhcpstart=192.0.2.10'
  assert.deepEqual(networks, [`user,id=landfall0,restrict=on,ipv6=off,${subnet}`])
  assert.deepEqual(
    cards.map((card) => (JSON.parse(card) as { netdev: string }).netdev),
    ['landfall0'],
  )
  const own = join(folder, 'instances', instanceID)
  assert.ok((await stat(join(own, 'agent.sock'))).isSocket())
  assert.equal((await stat(own)).mode & 0o007, 0, 'nobody else comes near it')
})

test('an instance is attached to a bridge of the host', async (t) => {
  const network: TargetNetwork = { name: 'lan', kind: 'bridge', bridge: 'br-lan' }
  const changes = { network: { network, interfaces: [] }, start: false }
  const { instanceID } = await launched(t, changes)
  const virsh = ['--quiet', '-c', 'qemu:///system']
  const listed = await runProgram('virsh', [...virsh, 'domiflist', domainName(instanceID)])
  assert.match(listed, /^ *- +bridge +br-lan +virtio +52:54:00:/m)
})

test('an instance made independent no longer needs the files it came from', async (t) => {
  const instance = await launched(t)
  const { instanceID, disks, folder, provider } = instance
  const options = { signal: AbortSignal.timeout(120_000), onProgress: () => {} }
  const independent = await provider.makeIndependent(instanceID, options)
  for (const [index, disk] of disks.entries()) {
    await rm(disk.path)
    await rm(join(folder, `${instanceID}-base-${index}.qcow2`))
  }
  for (const { path } of independent) {
    const info = JSON.parse(await runProgram('qemu-img', ['info', '-U', '--output=json', path]))
    assert.equal(info['backing-filename'], undefined)
    assert.equal(info['virtual-size'], 64 * 1024 * 1024)
  }
  const virsh = ['--quiet', '-c', 'qemu:///system']
  await runProgram('virsh', [...virsh, 'destroy', domainName(instanceID)])
  assert.equal((await provider.describe(instanceID)).state, 'stopped')
  await provider.start(instanceID)
  assert.equal((await provider.describe(instanceID)).state, 'running')
  await provider.terminate(instanceID)
  for (const { path } of independent) await assert.rejects(stat(path), { code: 'ENOENT' })
})

test('a domain that is not ours is neither used nor removed', async (t) => {
  const opened = await open(t)
  const { provider } = opened
  const instanceID = newId('instance')
  const name = domainName(instanceID)
  const virsh = ['--quiet', '-c', 'qemu:///system']
  const xml = join(opened.folder, 'foreign.xml')
  await writeFile(
    xml,
    `<domain type='qemu'><name>${name}</name><memory>1024</memory><os><type>hvm</type></os></domain>`,
  )
  await runProgram('virsh', [...virsh, 'define', xml])
  t.after(() => runProgram('virsh', [...virsh, 'undefine', name]))
  await assert.rejects(provider.terminate(instanceID), { code: 'conflict' })
  await assert.rejects(provider.describe(instanceID), { code: 'conflict' })
  assert.ok(!(await provider.list()).includes(instanceID))
})

test('libvirt that is already there is neither started again nor stopped by others', async () => {
  const otherDir = join(runDir, 'other')
  await mkdir(otherDir)
  const other = await ensureLibvirt({ runDir: otherDir })
  assert.equal(other.started, false)
  await other.stop()
  assert.equal((await ensureLibvirt({ runDir: otherDir })).started, false)
})

test('the domain UUID depends on the instance alone', () => {
  const uuid = domainUUID('i-0123456789abcdef0')
  assert.equal(uuid, domainUUID('i-0123456789abcdef0'))
  assert.notEqual(uuid, domainUUID('i-0123456789abcdef1'))
  assert.match(uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/)
})

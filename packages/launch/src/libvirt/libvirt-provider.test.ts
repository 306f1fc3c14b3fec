import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { newId, type TargetNetwork } from '@landfall/model'
import { providerContract } from '../provider.contract.ts'
import { readableKernel } from '../accelerator.ts'
import { runProgram } from '../run-program.ts'
import { ensureLibvirt } from './daemons.ts'
import { domainName, domainUUID } from './domain-xml.ts'
import { launched, open, OWNER, virsh } from './launched-instance.fixture.ts'
import { useLibvirt } from './libvirt.fixture.ts'
import type { LibvirtProvider } from './libvirt-provider.ts'

/** UEFI looks at the disks within 20 s in software emulation, on a busy machine later. */
const FIRMWARE_TIMEOUT_MS = 60_000

const { runDir } = useLibvirt()

providerContract('libvirt', open)

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
  await virsh('destroy', domainName(instanceID))
  assert.equal((await provider.describe(instanceID)).state, 'stopped')
  await provider.start(instanceID)
  assert.equal((await provider.describe(instanceID)).state, 'running')
  await provider.terminate(instanceID)
  for (const { path } of independent) await assert.rejects(stat(path), { code: 'ENOENT' })
})

test('an instance has the CPUs and the memory of its plan', async (t) => {
  const { instanceID } = await launched(t)
  const info = await virsh('dominfo', domainName(instanceID))
  assert.match(info, /^CPU\(s\): +2$/m)
  assert.match(info, /^Max memory: +524288 KiB$/m)
})

test('the limits of a volume hold while the instance runs, moves its disks, and starts again', async (t) => {
  const volume = { volumeType: 'io2', iops: 1234 }
  const { instanceID, provider } = await launched(t, { volume })
  const name = domainName(instanceID)
  const check = async (when: string) => {
    const tuned = await virsh('blkdeviotune', name, 'vda')
    assert.match(tuned, /^total_iops_sec *: 1234$/m, when)
    assert.match(await virsh('blkdeviotune', name, 'vdb'), /^total_iops_sec *: 0$/m, when)
    assert.match(await virsh('dumpxml', name), /<driver name='qemu' [^>]*iothread='1'/, when)
  }
  await check('as launched')
  const options = { signal: AbortSignal.timeout(120_000), onProgress: () => {} }
  await provider.makeIndependent(instanceID, options)
  await check('independent')
  await provider.stop(instanceID, { isForced: true })
  await provider.start(instanceID)
  await check('started again')
})

test('a stopped instance keeps the limits of its volumes when it is made independent', async (t) => {
  const { instanceID, provider } = await launched(t, {
    volume: { volumeType: 'gp3', throughputMiBPerSecond: 125 },
  })
  await provider.stop(instanceID, { isForced: true })
  const options = { signal: AbortSignal.timeout(120_000), onProgress: () => {} }
  await provider.makeIndependent(instanceID, options)
  await provider.start(instanceID)
  const tuned = await virsh('blkdeviotune', domainName(instanceID), 'vda')
  assert.match(tuned, /^total_bytes_sec: 131072000$/m)
})

test('UEFI runs the loader on the disk, and Secure Boot refuses one that nobody signed', async (t) => {
  const imagePath = await diskWithLoader(t)
  const plain = await launched(t, { firmware: 'uefi', imagePath })
  const secure = await launched(t, { firmware: 'uefi', secureBoot: true, imagePath })
  assert.match(await consoleOf(plain, /BdsDxe: (start|fail)\w+ /), /BdsDxe: starting Boot/)
  assert.match(
    await consoleOf(secure, /BdsDxe: (start|fail)\w+ /),
    /BdsDxe: failed .*Access Denied/,
  )
})

test('the variables of UEFI are those of the owner, outlive a stop, and end with the instance', async (t) => {
  const { instanceID, provider, folder } = await launched(t, { firmware: 'uefi' })
  const file = join(folder, 'instances', instanceID, 'uefi-variables.fd')
  const { ino } = await stat(file)
  assert.equal((await provider.screenshot(instanceID)).toString('latin1', 1, 4), 'PNG')
  const options = { signal: AbortSignal.timeout(120_000), onProgress: () => {} }
  await provider.makeIndependent(instanceID, options)
  await provider.stop(instanceID, { isForced: true })
  assert.equal((await stat(file)).uid, OWNER.uid)
  await provider.start(instanceID)
  assert.equal((await stat(file)).ino, ino)
  await provider.terminate(instanceID)
  await assert.rejects(stat(file), { code: 'ENOENT' })
})

test('a domain that is not ours is neither used nor removed', async (t) => {
  const opened = await open(t)
  const { provider } = opened
  const instanceID = newId('instance')
  const name = domainName(instanceID)
  const xml = join(opened.folder, 'foreign.xml')
  await writeFile(
    xml,
    `<domain type='qemu'><name>${name}</name><memory>1024</memory><os><type>hvm</type></os></domain>`,
  )
  await virsh('define', xml)
  t.after(() => virsh('undefine', name))
  await assert.rejects(provider.terminate(instanceID), { code: 'conflict' })
  await assert.rejects(provider.describe(instanceID), { code: 'conflict' })
  assert.ok(!(await provider.list()).includes(instanceID))
})

test('libvirt that is already there is neither started again nor stopped by others', async () => {
  const otherDir = join(runDir(), 'other')
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

/** A file system that UEFI reads, with a kernel, which is a loader too, where it looks for one. */
async function diskWithLoader(t: TestContext): Promise<string> {
  const folder = await mkdtemp('/tmp/landfall-esp-')
  t.after(() => rm(folder, { recursive: true }))
  const image = join(folder, 'esp.img')
  const kernel = await readableKernel()
  assert.ok(kernel, 'there is no readable kernel in /boot; install linux-image-cloud-amd64')
  await writeFile(image, '')
  await truncate(image, 48 * 1024 * 1024)
  await runProgram('mformat', ['-i', image, '-F', '::'])
  await runProgram('mmd', ['-i', image, '::/EFI', '::/EFI/BOOT'])
  await runProgram('mcopy', ['-i', image, kernel, '::/EFI/BOOT/BOOTX64.EFI'])
  return image
}

/** What the instance has printed, once that matches. */
async function consoleOf(
  instance: { readonly provider: LibvirtProvider; readonly instanceID: string },
  expected: RegExp,
): Promise<string> {
  const deadline = Date.now() + FIRMWARE_TIMEOUT_MS
  for (;;) {
    const text = await instance.provider.consoleOutput(instance.instanceID)
    if (expected.test(text)) return text
    assert.ok(Date.now() < deadline, `${expected} is not in the console's output:\n${text}`)
    await sleep(200)
  }
}

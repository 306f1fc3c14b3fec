import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import type { TestContext } from 'node:test'
import { promisify } from 'node:util'
import { readGuestFacts, type FilePart } from '@landfall/guest'
import { adaptGuest } from './adapt-guest.ts'
import { GuestDisks } from './guest-disks.ts'
import { inspectPoint } from './inspect-point.ts'
import { ToolRunner } from './tool-runner.ts'

const run = promisify(execFile)

/** Nobody's number: libguestfs must work without privileges. */
const USER = process.getuid?.() === 0 ? { user: { uid: 64_999, gid: 64_999 } } : {}

const ROOT_UUID = '11111111-2222-4333-8444-555555555555'

/** The least that is recognised as a Debian system; a name in Latin-1 among it. */
const TREE: Readonly<Record<string, string>> = {
  'etc/fstab': '# caf\u00e9\n/dev/sda / ext4 errors=remount-ro 0 1\n',
  'etc/debian_version': '12.1\n',
  'etc/os-release': 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12"\n',
  'etc/network/interfaces': 'auto ens3\niface ens3 inet static\naddress 192.0.2.1/24\n',
  'var/lib/landfall-agent/agent.key': 'key',
  'bin/sh': '',
  'boot/empty': '',
  'lib/systemd/system/serial-getty@.service': '',
}

/** Building it takes half of the time of a test: it is shared, as in the staging area. */
const applianceDir = await mkdtemp('/tmp/landfall-appliance-')
if (USER.user) await chown(applianceDir, USER.user.uid, USER.user.gid)
after(() => rm(applianceDir, { recursive: true }))

async function makeFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp('/tmp/landfall-guest-')
  t.after(() => rm(folder, { recursive: true }))
  await chmod(folder, 0o711)
  return folder
}

/** A folder with the files of a tree. */
async function planted(folder: string, tree: Readonly<Record<string, string>>): Promise<string> {
  await mkdir(folder)
  for (const [path, text] of Object.entries(tree)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), Buffer.from(text, 'latin1'))
  }
  return folder
}

async function toolsFor(t: TestContext, folder: string, disks: readonly string[]) {
  const workDir = join(folder, 'work')
  await mkdir(workDir)
  if (USER.user) {
    for (const path of [...disks, workDir]) await chown(path, USER.user.uid, USER.user.gid)
  }
  const tools = await ToolRunner.open({
    workDir,
    applianceDir,
    ...USER,
    accelerator: 'tcg',
    signal: AbortSignal.timeout(300_000),
  })
  t.after(() => tools[Symbol.asyncDispose]())
  return tools
}

async function opened(t: TestContext, tree: Readonly<Record<string, string>>) {
  const folder = await makeFolder(t)
  const root = await planted(join(folder, 'root'), tree)
  const raw = join(folder, 'disk.raw')
  await run('mke2fs', ['-q', '-t', 'ext4', '-U', ROOT_UUID, '-d', root, raw, '32M'])
  const disk = join(folder, 'disk.qcow2')
  await run('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', raw, disk])
  const tools = await toolsFor(t, folder, [disk])
  const debugfs = async (command: string) => {
    await run('qemu-img', ['convert', '-f', 'qcow2', '-O', 'raw', disk, raw])
    return (await run('debugfs', ['-R', command, raw], { encoding: 'latin1' })).stdout
  }
  return { tools, disks: [{ deviceName: '/dev/sda', path: disk }], debugfs }
}

const MIB = 1024 * 1024

/** A disk whose table sfdisk makes of `lines`, with a filesystem from each MiB that has a tree. */
async function partitioned(
  folder: string,
  lines: string,
  trees: Readonly<Record<number, Readonly<Record<string, string>>>>,
): Promise<string> {
  const disk = await mkdtemp(join(folder, 'disk-'))
  const raw = join(disk, 'raw')
  await writeFile(raw, '')
  await truncate(raw, 64 * MIB)
  const table = run('sfdisk', ['--quiet', raw])
  table.child.stdin?.end(lines)
  await table
  for (const [atMiB, tree] of Object.entries(trees)) {
    const root = await planted(join(disk, atMiB), tree)
    const offset = `offset=${Number(atMiB) * MIB}`
    await run('mke2fs', ['-q', '-t', 'ext4', '-E', offset, '-d', root, raw, '16M'])
  }
  const path = `${disk}.qcow2`
  await run('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', raw, path])
  return path
}

test('a real filesystem is adapted without losing a byte of the rest', async (t) => {
  const { tools, disks, debugfs } = await opened(t, TREE)
  const contentOf = (path: string) => debugfs(`cat ${path}`)
  {
    await using guest = await GuestDisks.open(tools, disks)
    const warnings = await adaptGuest(guest, {
      identity: { instanceID: 'i-1', token: 'é"\\', endpoint: 'e', caCertificatePem: 'a\nb\n' },
      primaryInterface: { name: 'ens3' },
      targetMac: '52:54:00:00:00:01',
    })
    assert.deepEqual(warnings, [])
    await guest.close()
  }
  assert.equal(
    await contentOf('/etc/fstab'),
    `# caf\u00e9\nUUID=${ROOT_UUID} / ext4 errors=remount-ro 0 1\n`,
  )
  assert.equal(await contentOf('/etc/network/interfaces'), 'auto ens3\niface ens3 inet dhcp\n')
  assert.match(await contentOf('/etc/systemd/network/10-landfall.link'), /52:54:00:00:00:01/)
  const masked = await debugfs('stat /etc/systemd/system/guestfs-firstboot.service')
  assert.match(masked, /link dest: "\/dev\/null"/i)
  const identity = await contentOf('/var/lib/landfall-agent/instance.json')
  assert.equal(JSON.parse(Buffer.from(identity, 'latin1').toString()).token, 'é"\\')
  assert.equal(await contentOf('/var/lib/landfall-agent/agent.key'), '')
})

test('a real filesystem is looked at, whole files and their beginnings', async (t) => {
  const long = 'x'.repeat(100_000) + '\0\xff'
  const { tools, disks } = await opened(t, { ...TREE, 'boot/long': long })
  await using guest = await GuestDisks.open(tools, disks)
  const read = async (path: string, options?: FilePart) => {
    const source = await guest.stream(path, options)
    if (source === undefined) return undefined
    return Buffer.concat(await Array.fromAsync(source)).toString('latin1')
  }
  assert.equal(await read('/boot/long'), long)
  assert.equal(await read('/boot/long', { bytesMax: 10 }), 'x'.repeat(10))
  assert.equal(await read('/boot/long', { offset: 99_999, bytesMax: 2 }), 'x\0')
  assert.equal(await read('/etc/debian_version', { bytesMax: 4096 }), '12.1\n')
  assert.equal(await read('/boot/none'), undefined)
  assert.equal(await guest.sizeBytes('/boot/long'), long.length)
  assert.equal(await guest.sizeBytes('/boot'), undefined)
  await guest.link('debian_version', '/etc/version')
  assert.equal(await guest.linkTarget('/etc/version'), 'debian_version')
  assert.equal(await guest.linkTarget('/etc/fstab'), undefined)
  assert.ok(((await guest.space('/boot'))?.availableBytes ?? 0) > 1024 * 1024)
  assert.equal(await guest.space('/none'), undefined)
  const facts = await readGuestFacts(guest)
  assert.equal(facts.os?.id, 'debian')
  assert.equal(facts.fstab[0]?.naming, 'hardware')
  assert.deepEqual(facts.network.managers, ['ifupdown'])
  await guest.close()
  const left = (await readdir(tools.scratchDir)).filter((name) => name.startsWith('copy-'))
  assert.deepEqual(left, [])
})

test('what fstab names by entries of partition tables, GPT or MBR, is mounted', async (t) => {
  const folder = await makeFolder(t)
  const fstab = [
    `PARTUUID=${ROOT_UUID} / ext4 defaults 0 1`,
    'PARTLABEL=its\\040home /home ext4 defaults 0 2',
    'PARTUUID=deadbeef-01 /srv ext4 defaults 0 2',
  ].join('\n')
  const first = await partitioned(
    folder,
    `label: gpt\nstart=1MiB, size=16MiB, uuid=${ROOT_UUID}\n` +
      'start=17MiB, size=16MiB, name="its home"\n',
    { 1: { ...TREE, 'etc/fstab': fstab, 'home/none': '', 'srv/none': '' }, 17: { of: 'home' } },
  )
  const second = await partitioned(
    folder,
    'label: dos\nlabel-id: 0xdeadbeef\nstart=1MiB, size=16MiB\n',
    { 1: { of: 'srv' } },
  )
  const tools = await toolsFor(t, folder, [first, second])
  await using guest = await GuestDisks.open(tools, [
    { deviceName: '/dev/vda', path: first },
    { deviceName: '/dev/vdb', path: second },
  ])
  assert.equal(await guest.read('/home/of'), 'home')
  assert.equal(await guest.read('/srv/of'), 'srv')
  await guest.close()
})

test("a point's disks are looked into, and neither they nor anything else changes", async (t) => {
  const { disks } = await opened(t, TREE)
  const [{ deviceName, path: layerPath } = { deviceName: '', path: '' }] = disks
  const before = await readFile(layerPath)
  const facts = await inspectPoint({
    pointID: 'point-1',
    workDir: join(dirname(layerPath), 'work'),
    applianceDir,
    disks: [{ deviceName, layerPath, sizeBytes: 32 * 1024 * 1024 }],
    passphrases: [],
    ...USER,
    accelerator: 'tcg',
    signal: AbortSignal.timeout(300_000),
  })
  assert.equal(facts.os?.id, 'debian')
  assert.equal(facts.fstab[0]?.device, '/dev/sda')
  assert.ok((facts.space.root?.totalBytes ?? 0) > 1024 * 1024)
  assert.deepEqual(await readFile(layerPath), before)
  assert.deepEqual((await readdir(dirname(layerPath))).toSorted(), [
    'disk.qcow2',
    'disk.raw',
    'root',
  ])
})

test('a disk without a system is refused with a sentence that says what to look at', async (t) => {
  const { tools, disks } = await opened(t, { 'data/file': 'no system' })
  await assert.rejects(GuestDisks.open(tools, disks), /No operating system was found/)
  assert.doesNotMatch(await readFile(tools.logPath, 'utf8'), /Segmentation/)
})

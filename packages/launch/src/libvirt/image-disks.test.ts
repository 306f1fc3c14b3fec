import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { access, chown, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { newId } from '@landfall/model'
import { runProgram } from '../run-program.ts'
import { domainName } from './domain-xml.ts'
import { launched, OWNER, virsh } from './launched-instance.fixture.ts'
import { useLibvirt } from './libvirt.fixture.ts'

useLibvirt()

const MIB = 1024 * 1024

/** So much takes long enough to be copied for something to happen meanwhile. */
const LARGE = { diskSize: '512M' }

const imageOptions = () => ({ imageID: newId('image'), signal: AbortSignal.timeout(120_000) })

type Instance = Awaited<ReturnType<typeof launched>>

/** A stopped instance whose first disk is full of ones. */
async function filled(t: Parameters<typeof launched>[0]): Promise<Instance> {
  const instance = await launched(t, { ...LARGE, start: false })
  await write(instance.disks[0]!.path, 'write -P 1 0 512M')
  return instance
}

/** A stopped instance whose first disk is full of ones; so long it takes to copy it. */
async function slow(t: Parameters<typeof launched>[0], seconds: 4 | 16 | 128): Promise<Instance> {
  const instance = await launched(t, { start: false })
  const ones = join(instance.folder, 'ones')
  await writeFile(ones, Buffer.alloc(64 * MIB, 1))
  const socket = join(instance.folder, 'slow')
  const throttle = `throttle-group,id=slow,x-bps-total=${(64 * MIB) / seconds}`
  const image = `driver=throttle,throttle-group=slow,file.driver=file,file.filename=${ones}`
  const args = ['-k', socket, '--persistent', '--object', throttle, '--image-opts', image]
  const server = spawn('qemu-nbd', args, { stdio: 'inherit' })
  t.after(() => server.kill())
  await until(async () => existsSync(socket))
  await chown(socket, OWNER.uid, OWNER.gid)
  const base = ['-F', 'raw', '-b', `nbd+unix:///?socket=${socket}`]
  await runProgram('qemu-img', ['rebase', '-u', '-f', 'qcow2', ...base, instance.disks[0]!.path])
  return instance
}

function write(path: string, command: string): Promise<string> {
  return runProgram('qemu-io', ['-f', 'qcow2', '-c', command, path])
}

/** As the guest of a running instance would write, to disk 0 or 1. */
function guestWrites({ instanceID }: Instance, disk: number, command: string): Promise<string> {
  const device = `/machine/peripheral/virtio-disk${disk}/virtio-backend`
  const line = `qemu-io -d ${device} "${command}"`
  return virsh('qemu-monitor-command', '--hmp', domainName(instanceID), line)
}

async function isCopying({ instanceID }: Instance): Promise<boolean> {
  const job = await virsh('domjobinfo', domainName(instanceID)).catch(() => '')
  return /Operation: +Backup/.test(job)
}

/** Once it is so; a copy that is over by then fails the test. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 1000; !(await condition()); tries -= 1) {
    assert.ok(tries > 0, 'it did not come to that')
    await sleep(10)
  }
}

/** Fails unless the range holds the pattern, and nothing is under the file. */
async function requireStored(path: string, range: string, pattern: number): Promise<void> {
  const info = JSON.parse(await runProgram('qemu-img', ['info', '--output=json', path])) as object
  assert.ok(!Object.hasOwn(info, 'backing-filename'))
  await runProgram('qemu-io', ['-f', 'qcow2', '-c', `read -P ${pattern} ${range}`, path])
}

test('an image is of the moment when its copy began, and outlives the instance', async (t) => {
  const instance = await slow(t, 16)
  const { provider, instanceID, disks } = instance
  // What the guest overwrites is no slow read of the copy's.
  await write(disks[0]!.path, 'write -P 1 60M 4M')
  await write(disks[1]!.path, 'write -P 2 0 64k')
  await provider.start(instanceID)
  await guestWrites(instance, 1, 'write -P 3 64k 64k')
  const making = provider.createImage(instanceID, imageOptions())
  await until(() => isCopying(instance))
  for (const disk of [0, 1]) await guestWrites(instance, disk, 'write -P 9 63M 64k')
  assert.ok(await isCopying(instance), 'the copy was over before the guest had written')
  const [first, second] = await making
  await provider.terminate(instanceID)
  for (const { path } of disks) await rm(path)
  await requireStored(first!.path, '0 64M', 1)
  await requireStored(second!.path, '0 64k', 2)
  await requireStored(second!.path, '64k 64k', 3)
  await requireStored(second!.path, '63M 64k', 0)
  assert.equal(first!.sizeBytes, 64 * MIB)
  assert.ok(first!.fileBytes >= 64 * MIB)
  assert.ok(second!.fileBytes < MIB)
  await provider.removeImage(first!.path.split('/').at(-2)!)
  await assert.rejects(access(first!.path), { code: 'ENOENT' })
})

test('a disk without room for the image leaves the instance as it is, and no file', async (t) => {
  const instance = await filled(t)
  const { provider, instanceID, folder } = instance
  const images = join(folder, 'images')
  await mkdir(images)
  await runProgram('mount', ['-t', 'tmpfs', '-o', 'size=24m,mode=711', 'tmpfs', images])
  try {
    for (const start of [false, true]) {
      if (start) await provider.start(instanceID)
      await assert.rejects(
        provider.createImage(instanceID, imageOptions()),
        /No space left on device/,
      )
      assert.deepEqual(await readdir(images), [])
    }
    assert.equal((await provider.describe(instanceID)).state, 'running')
  } finally {
    await provider.terminate(instanceID)
    await runProgram('umount', [images])
  }
})

test('an image and independent disks are made one after the other', async (t) => {
  const instance = await filled(t)
  const { provider, instanceID } = instance
  await provider.start(instanceID)
  const { signal } = imageOptions()
  const [image, independent] = await Promise.all([
    provider.createImage(instanceID, imageOptions()),
    provider.makeIndependent(instanceID, { signal, onProgress: () => {} }),
    provider.createImage(instanceID, imageOptions()),
  ])
  await requireStored(image[0]!.path, '0 512M', 1)
  await provider.stop(instanceID, { isForced: true })
  await requireStored(independent[0]!.path, '0 512M', 1)
})

test('a copy that a killed service left behind is ended, and made anew', async (t) => {
  const instance = await filled(t)
  const { provider, instanceID, folder } = instance
  await provider.start(instanceID)
  const options = imageOptions()
  const orphan = join(folder, 'images', options.imageID, 'vda.qcow2')
  await mkdir(join(folder, 'images', options.imageID), { recursive: true })
  await runProgram('qemu-img', ['create', '-q', '-f', 'qcow2', orphan, '512M'])
  await chown(orphan, OWNER.uid, OWNER.gid)
  const xml = join(folder, 'orphan.xml')
  await writeFile(
    xml,
    "<domainbackup mode='push'><disks><disk name='vda' backup='yes' type='file'>" +
      `<driver type='qcow2'/><target file='${orphan}'><seclabel model='dac' relabel='no'/>` +
      "</target></disk><disk name='vdb' backup='no'/></disks></domainbackup>",
  )
  await virsh('backup-begin', domainName(instanceID), xml, '--reuse-external')
  const [first, second] = await provider.createImage(instanceID, options)
  await requireStored(first!.path, '0 512M', 1)
  await requireStored(second!.path, '0 64k', 0)
})

test('an image of an instance that is terminated meanwhile fails, and leaves nothing', async (t) => {
  const instance = await slow(t, 128)
  const { provider, instanceID, folder } = instance
  await provider.start(instanceID)
  const making = provider.createImage(instanceID, imageOptions())
  const refused = assert.rejects(making, /was stopped or terminated while/)
  await until(() => isCopying(instance))
  await provider.terminate(instanceID)
  await refused
  assert.deepEqual(await readdir(join(folder, 'images')), [])
})

test('who interrupts an image ends its copy, and the instance goes on', async (t) => {
  const instance = await slow(t, 128)
  const { provider, instanceID, folder } = instance
  await provider.start(instanceID)
  const stopping = new AbortController()
  const options = { ...imageOptions(), signal: stopping.signal }
  const refused = assert.rejects(provider.createImage(instanceID, options), { name: 'AbortError' })
  await until(() => isCopying(instance))
  stopping.abort()
  await refused
  assert.equal(await isCopying(instance), false)
  assert.deepEqual(await readdir(join(folder, 'images')), [])
  assert.equal((await provider.describe(instanceID)).state, 'running')
})

test('a stopped instance is not started while its disks are copied; what is written is noticed', async (t) => {
  const { provider, instanceID, disks, folder } = await slow(t, 4)
  const options = imageOptions()
  const making = provider.createImage(instanceID, options)
  const refused = assert.rejects(making, { code: 'conflict' })
  await assert.rejects(provider.start(instanceID), /are being copied\. Start it when/)
  const copy = join(folder, 'images', options.imageID, 'vda.qcow2')
  await until(async () => existsSync(copy))
  await write(disks[1]!.path, 'write -P 5 0 64k')
  await refused
  const [, second] = await provider.createImage(instanceID, imageOptions())
  await requireStored(second!.path, '0 64k', 5)
  await provider.start(instanceID)
})

test('disks with threads of their own are copied only while the instance is stopped', async (t) => {
  const { provider, instanceID } = await launched(t, { volume: { volumeType: 'io2', iops: 1000 } })
  await assert.rejects(
    provider.createImage(instanceID, imageOptions()),
    /threads of their own for \/dev\/sda .* Stop it/,
  )
  await provider.stop(instanceID, { isForced: true })
  assert.equal((await provider.createImage(instanceID, imageOptions())).length, 2)
})

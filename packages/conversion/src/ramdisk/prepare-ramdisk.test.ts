import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import {
  debianFixture,
  KERNEL_FIXTURE,
  MemoryGuest,
  ramdiskFixture,
  readGuestFacts,
  unifiedDebianFixture,
} from '@landfall/guest'
import { KeptRamdisk } from './kept-ramdisk.ts'
import { type PrepareOptions, prepareRamdisk } from './prepare-ramdisk.ts'

const RAMDISK = `/boot/initrd.img-${KERNEL_FIXTURE}`
const SATA_ONLY = ['ahci', 'sd_mod', 'ext4']

interface Situation extends Pick<PrepareOptions, 'isStale' | 'settings' | 'kept'> {
  readonly deaf: readonly string[]
}

/** Makes, as its generator, a ramdisk with what it is told, but for what it is `deaf` to. */
class GuestWithPrograms extends MemoryGuest {
  readonly scripts: string[] = []
  deaf: readonly string[] = []

  async run(script: string): Promise<string> {
    this.scripts.push(script)
    const modules = /printf '\\n%s' (.*) >>/.exec(script)?.[1]?.split(' ') ?? []
    const made = modules.filter((name) => !this.deaf.includes(name))
    this.files.set(RAMDISK, ramdiskFixture(made))
    return ''
  }

  async download(path: string, file: string): Promise<void> {
    await writeFile(file, this.files.get(path) ?? '', 'latin1')
  }

  async upload(file: string, path: string): Promise<void> {
    this.files.set(path, await readFile(file, 'latin1'))
  }
}

async function prepared(
  changes: Record<string, string>,
  { isStale = false, deaf = [], settings = '', kept }: Partial<Situation> = {},
) {
  const guest = new GuestWithPrograms({ ...debianFixture(), ...changes })
  guest.deaf = deaf
  const options = { settings, isStale, ...(kept && { kept }), onProgress: () => undefined }
  const preparation = await prepareRamdisk(guest, await readGuestFacts(guest), options)
  return { preparation, scripts: guest.scripts, ramdisk: guest.files.get(RAMDISK) }
}

test('a ramdisk that is proven to have the drivers stays as it is', async () => {
  const { preparation, scripts } = await prepared({})
  assert.equal(preparation.kind, 'prepared')
  assert.deepEqual(scripts, [])
})

test('one without them is made anew, with all that it had and the drivers', async () => {
  const { preparation, scripts } = await prepared({ [RAMDISK]: ramdiskFixture(SATA_ONLY) })
  assert.equal(preparation.kind, 'prepared')
  const [script = ''] = scripts
  for (const module of [...SATA_ONLY, 'virtio_pci', 'virtio_blk'])
    assert.ok(script.includes(module))
  assert.match(script, new RegExp(`mkinitramfs .* -o ${RAMDISK}.landfall ${KERNEL_FIXTURE}\n`))
})

test('one that has a copy of settings that were changed is made anew', async () => {
  assert.equal((await prepared({}, { isStale: true })).scripts.length, 1)
})

test('a generator that leaves a driver out is not believed', async () => {
  const changes = { [RAMDISK]: ramdiskFixture(SATA_ONLY) }
  await assert.rejects(prepared(changes, { deaf: ['virtio_blk'] }), {
    code: 'unavailable',
    message: /initrd.img.*lacks drivers for KVM \(.*virtio_blk.*launch again/,
  })
})

test('a kernel that has no such drivers is refused, and told', async () => {
  const changes = { [`/lib/modules/${KERNEL_FIXTURE}/modules.dep`]: 'kernel/d/ahci.ko:\n' }
  await assert.rejects(prepared(changes), {
    code: 'unavailable',
    message: /has no drivers for KVM \(virtio_pci, virtio_blk.*Install a kernel that has them/,
  })
})

const DRIVERS = ['virtio_pci', 'virtio_blk']

/** For a guest that boots from a unified image. */
async function preparedImage(files: Record<string, string>, isStale = false) {
  const guest = new GuestWithPrograms(files)
  const options = { settings: '', isStale, onProgress: () => undefined }
  const preparation = await prepareRamdisk(guest, await readGuestFacts(guest), options)
  assert.deepEqual(guest.scripts, [])
  assert.deepEqual(Object.fromEntries(guest.files), files)
  return preparation
}

test('a unified image stays as it is, and one that would not come up is refused', async () => {
  assert.equal((await preparedImage(unifiedDebianFixture(DRIVERS))).kind, 'prepared')
  const refused = async (files: Record<string, string>, why: RegExp, isStale = false) => {
    const message = new RegExp(`EFI/Linux/debian-.*\\.efi, which ${why.source}.*launch again`)
    await assert.rejects(preparedImage(files, isStale), { code: 'unavailable', message })
  }
  const without = unifiedDebianFixture(['virtio_pci'])
  await refused(without, /lacks drivers for KVM in its initial ramdisk \(virtio_blk\)/)
  await refused({ ...without, '/etc/os-release': 'ID=fedora\n' }, /lacks drivers/)
  await refused(unifiedDebianFixture(DRIVERS, 'root=/dev/sda2'), /tells its kernel root=.dev.sda2/)
  await refused(unifiedDebianFixture(DRIVERS), /has a copy of .etc.crypttab/, true)
})

test('a unified image whose ramdisk cannot be read is not taken for a ramdisk to be made', async () => {
  const files = unifiedDebianFixture(DRIVERS)
  const broken = Object.entries(files).map(([path, text]) => [
    path,
    text.replace('\x28\xb5\x2f\xfd', 'none'),
  ])
  const preparation = await preparedImage(Object.fromEntries(broken) as Record<string, string>)
  assert.ok(preparation.kind === 'prepared')
  assert.match(preparation.message, /stays as it is; its drivers are not known/)
})

test('what is not known well enough is left to virt-v2v', async () => {
  const noGenerator = {
    ...debianFixture(),
    [RAMDISK]: ramdiskFixture(SATA_ONLY),
  } as Record<string, string>
  delete noGenerator['/usr/sbin/update-initramfs']
  delete noGenerator['/etc/initramfs-tools/initramfs.conf']
  for (const files of [
    { ...debianFixture(), '/etc/os-release': 'ID=fedora\n' },
    { ...debianFixture(), '/etc/selinux/config': 'SELINUX=enforcing\n' },
    noGenerator,
  ]) {
    const guest = new GuestWithPrograms(files)
    const options = { settings: '', isStale: false, onProgress: () => undefined }
    const preparation = await prepareRamdisk(guest, await readGuestFacts(guest), options)
    assert.equal(preparation.kind, 'converter')
    assert.deepEqual(guest.scripts, [])
  }
})

test('the next conversion takes the ramdisk of the last, unless something has changed', async (t) => {
  const folder = await mkdtemp('/tmp/landfall-kept-')
  t.after(() => rm(folder, { recursive: true }))
  const kept = new KeptRamdisk(folder)
  const changes = { [RAMDISK]: ramdiskFixture(SATA_ONLY) }
  const first = await prepared(changes, { kept })
  const second = await prepared(changes, { kept })
  assert.deepEqual(second.scripts, [])
  assert.equal(second.ramdisk, first.ramdisk)
  assert.equal((await prepared(changes, { kept, settings: 'crypttab' })).scripts.length, 1)
  const newer = { [RAMDISK]: ramdiskFixture([...SATA_ONLY, 'raid1']) }
  assert.equal((await prepared(newer, { kept })).scripts.length, 1)
})

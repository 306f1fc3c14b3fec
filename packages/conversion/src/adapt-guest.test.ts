import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adaptAgent } from './adapt-agent.ts'
import { adaptConsole } from './adapt-console.ts'
import { adaptCrypttab } from './adapt-crypttab.ts'
import { adaptEfiLoader } from './adapt-efi-loader.ts'
import { adaptFstab } from './adapt-fstab.ts'
import { adaptGuest } from './adapt-guest.ts'
import { adaptKernelCommandLine } from './adapt-kernel-command-line.ts'
import { ORIGINALS_DIR } from './originals.ts'
import { MemoryGuest } from '@landfall/guest'

const IDENTITY = {
  instanceID: 'i-0123456789abcdef0',
  token: 'secret',
  endpoint: 'https://192.0.2.1:8443',
  caCertificatePem: '-----BEGIN CERTIFICATE-----\n',
}

test('the agent loses its replication identity and learns that it is an instance', async () => {
  const guest = new MemoryGuest({
    '/var/lib/landfall-agent/agent.key': 'key',
    '/var/lib/landfall-agent/agent.crt': 'certificate',
    '/var/lib/landfall-agent/agent.json': '{}',
  })
  assert.deepEqual(await adaptAgent(guest, IDENTITY), [])
  assert.equal(guest.files.get('/var/lib/landfall-agent/agent.key'), undefined)
  assert.equal(guest.files.get('/var/lib/landfall-agent/agent.crt'), undefined)
  const path = '/var/lib/landfall-agent/instance.json'
  assert.deepEqual(JSON.parse(guest.files.get(path) ?? ''), IDENTITY)
  assert.equal(guest.modes.get(path), 0o600)
})

test('a server without an agent is converted with a warning', async () => {
  const guest = new MemoryGuest({ '/etc/fstab': '' })
  const warnings = await adaptAgent(guest, IDENTITY)
  assert.equal(warnings.length, 1)
  assert.equal(guest.files.size, 1)
})

test('fstab names filesystems by UUID where it named devices', async () => {
  const text = [
    '# /dev/sda1 in a comment stays',
    '/dev/sda1  /      ext4 errors=remount-ro 0 1',
    'UUID=already /boot ext4 defaults 0 2',
    '/dev/sdb2  none   swap sw 0 0',
    '/dev/mapper/vg-home /home ext4 defaults 0 2',
    '',
  ].join('\n')
  const guest = new MemoryGuest(
    { '/etc/fstab': text },
    { '/dev/sda1': 'root-uuid', '/dev/sdb2': 'swap-uuid' },
  )
  assert.deepEqual(await adaptFstab(guest), [])
  assert.equal(
    guest.files.get('/etc/fstab'),
    text.replace('/dev/sda1  /  ', 'UUID=root-uuid  /  ').replace('/dev/sdb2', 'UUID=swap-uuid'),
  )
  assert.equal(guest.files.get(`${ORIGINALS_DIR}/etc/fstab`), text)
})

test('a disk that was not replicated does not hold up the boot', async () => {
  const guest = new MemoryGuest({ '/etc/fstab': '/dev/sdc1 /backup ext4 noatime 0 2\n' })
  const warnings = await adaptFstab(guest)
  assert.match(warnings[0] ?? '', /\/dev\/sdc1/)
  assert.equal(guest.files.get('/etc/fstab'), '/dev/sdc1 /backup ext4 noatime,nofail 0 2\n')
})

test('an fstab that is right already is left alone', async () => {
  const guest = new MemoryGuest({ '/etc/fstab': 'UUID=a / ext4 defaults 0 1\n' })
  assert.deepEqual(await adaptFstab(guest), [])
  assert.deepEqual([...guest.files.keys()], ['/etc/fstab'])
})

test('crypttab names encrypted devices by UUID where it named devices', async () => {
  const text =
    '# a comment\nroot /dev/sda3 none luks\ndata UUID=known none luks\nold /dev/sdx1 none\n'
  const guest = new MemoryGuest({ '/etc/crypttab': text }, { '/dev/sda3': 'luks-uuid' })
  const warnings = await adaptCrypttab(guest)
  assert.match(warnings.join(), /\/dev\/sdx1.*old stays closed/)
  assert.equal(guest.files.get('/etc/crypttab'), text.replace('/dev/sda3', 'UUID=luks-uuid'))
})

test('the kernel is told its root by UUID, wherever a boot loader has it', async () => {
  const line = 'linux /vmlinuz root=/dev/nvme0n1p2 resume=/dev/nvme0n1p3 ro\n'
  const guest = new MemoryGuest(
    {
      '/boot/grub/grub.cfg': `${line}${line}search --fs-uuid x`,
      '/boot/efi/loader/entries/debian.conf': 'options root=/dev/nvme0n1p2 quiet',
      '/etc/kernel/cmdline': 'root=/dev/mapper/vg-root ro',
    },
    { '/dev/nvme0n1p2': 'root-uuid', '/dev/nvme0n1p3': 'swap-uuid' },
  )
  assert.deepEqual(await adaptKernelCommandLine(guest), [])
  const adapted = 'linux /vmlinuz root=UUID=root-uuid resume=UUID=swap-uuid ro\n'
  assert.equal(guest.files.get('/boot/grub/grub.cfg'), `${adapted}${adapted}search --fs-uuid x`)
  assert.equal(
    guest.files.get('/boot/efi/loader/entries/debian.conf'),
    'options root=UUID=root-uuid quiet',
  )
  assert.equal(guest.files.get('/etc/kernel/cmdline'), 'root=/dev/mapper/vg-root ro')
})

test('a root on a disk that was not replicated is told', async () => {
  const guest = new MemoryGuest({ '/etc/kernel/cmdline': 'root=/dev/sdz1' })
  assert.match((await adaptKernelCommandLine(guest)).join(), /\/dev\/sdz1.*not replicated/)
})

test('there is a login prompt on the serial line of every system with systemd', async () => {
  const unit = '/lib/systemd/system/serial-getty@.service'
  const guest = new MemoryGuest({ [unit]: '' })
  assert.deepEqual(await adaptConsole(guest), [])
  const link = '/etc/systemd/system/getty.target.wants/serial-getty@ttyS0.service'
  assert.equal(guest.files.get(link), `-> ${unit}`)
  assert.equal((await adaptConsole(new MemoryGuest({ '/etc/inittab': '' }))).length, 1)
})

test('a boot loader that only a variable of the firmware named is found without it', async () => {
  const esp = '/boot/efi/EFI'
  const signed = new MemoryGuest({
    [`${esp}/debian/shimx64.efi`]: 'shim',
    [`${esp}/debian/grubx64.efi`]: 'grub',
    [`${esp}/debian/fbx64.efi`]: 'would start the machine again',
  })
  assert.deepEqual(await adaptEfiLoader(signed), [])
  assert.equal(signed.files.get(`${esp}/BOOT/BOOTX64.EFI`), 'shim')
  assert.equal(signed.files.get(`${esp}/BOOT/grubx64.efi`), 'grub')
  assert.equal(signed.files.get(`${esp}/BOOT/fbx64.efi`), undefined)

  const there = {
    '/efi/EFI/Boot/bootx64.efi': 'its own',
    '/efi/EFI/systemd/systemd-bootx64.efi': 's',
  }
  const kept = new MemoryGuest(there)
  assert.deepEqual(await adaptEfiLoader(kept), [])
  assert.deepEqual(Object.fromEntries(kept.files), there)

  const image = { '/efi/EFI/Linux/debian.efi': 'kernel and all' }
  const unified = new MemoryGuest(image)
  assert.deepEqual(await adaptEfiLoader(unified), [])
  assert.equal(unified.files.get('/efi/EFI/BOOT/BOOTX64.EFI'), 'kernel and all')

  const several = new MemoryGuest({ ...image, '/efi/EFI/Linux/older.efi': '' })
  assert.match((await adaptEfiLoader(several)).join(), /no boot loader that is known/)

  const unknown = new MemoryGuest({ [`${esp}/other/loader.efi`]: '' })
  assert.match((await adaptEfiLoader(unknown)).join(), /no boot loader that is known/)
})

test('what cannot be written stops the conversion, which names it', async () => {
  class FullGuest extends MemoryGuest {
    override async write(): Promise<void> {
      throw new Error('No space left on device')
    }
  }
  const guest = new FullGuest({ '/var/lib/landfall-agent/agent.key': '' })
  const plan = { identity: IDENTITY, targetMac: '52:54:00:00:00:01' }
  await assert.rejects(adaptGuest(guest, plan), {
    code: 'unavailable',
    message: 'In the guest, the agent could not be adapted: No space left on device',
  })
})

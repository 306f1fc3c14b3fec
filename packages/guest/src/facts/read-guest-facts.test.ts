import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryGuest } from '../memory-guest.ts'
import { kernelImage, unifiedImage } from '../unified/unified-image.fixture.ts'
import {
  IMAGE,
  VERSION,
  debian,
  grubConfig,
  kernelModules,
  program,
  ramdisk,
  unifiedDebian,
} from './guest.fixture.ts'
import { readGuestFacts } from './read-guest-facts.ts'

const factsOf = async (files: Record<string, string>) => {
  return await readGuestFacts(new MemoryGuest(files))
}

test('a Debian is described: system, kernel, ramdisk, boot loader, fstab, network', async () => {
  const facts = await factsOf(debian())
  assert.deepEqual(facts.os, {
    id: 'debian',
    version: '12',
    name: 'Debian GNU/Linux 12 (bookworm)',
  })
  assert.equal(facts.architecture, 'x86_64')
  assert.equal(facts.hasSystemd, true)
  assert.deepEqual(facts.defaultKernel, { kind: 'known', version: VERSION, decidedBy: 'grub' })
  assert.deepEqual(facts.kernels[0]?.initramfs?.contents, {
    kind: 'read',
    modules: ['sd_mod', 'virtio_blk', 'virtio_pci'],
  })
  assert.deepEqual(facts.kernels[0]?.loadable?.includes('virtio_net'), true)
  assert.deepEqual(facts.initramfsGenerators, [{ name: 'initramfs-tools', modules: 'most' }])
  assert.deepEqual(facts.boot, {
    loaders: ['grub-bios'],
    commandLine: 'root=UUID=1234 ro quiet console=ttyS0,115200',
    root: 'UUID=1234',
    cryptDevices: [],
    consoles: ['ttyS0,115200'],
  })
  assert.equal(facts.hasSerialGetty, true)
  assert.deepEqual(facts.network, { managers: ['ifupdown'], staticFiles: [] })
  assert.equal(facts.fstab[0]?.naming, 'stable')
  assert.equal(facts.live, undefined)
})

test('an empty disk is described as one of which nothing is known', async () => {
  const facts = await factsOf({})
  assert.equal(facts.defaultKernel.kind, 'unclear')
  assert.deepEqual(facts.kernels, [])
  assert.equal(facts.architecture, undefined)
  assert.equal(facts.hasSystemd, false)
})

test('the saved entry of GRUB decides between kernels, and only its ramdisk is read', async () => {
  const older = '5.10.0-9-amd64'
  const facts = await factsOf({
    ...debian(),
    '/boot/grub/grub.cfg': grubConfig([VERSION, older], '${saved_entry}'),
    '/boot/grub/grubenv': `# GRUB Environment Block\nsaved_entry=advanced>advanced-${older}\n###`,
    [`/boot/vmlinuz-${older}`]: '',
    [`/boot/initrd.img-${older}`]: ramdisk(['sd_mod']),
    ...kernelModules(older, { builtin: ['virtio_pci'] }),
  })
  assert.deepEqual(facts.defaultKernel, { kind: 'known', version: older, decidedBy: 'grub' })
  const [first, second] = facts.kernels
  assert.deepEqual(first?.initramfs?.contents, { kind: 'read', modules: ['sd_mod'] })
  assert.deepEqual(first?.builtin, ['virtio_pci'])
  assert.equal(second?.version, VERSION)
  assert.equal(second?.initramfs?.contents, undefined)
})

test('what is asked of GRUB for the next boot alone is what boots', async () => {
  const older = '5.10.0-9-amd64'
  const facts = await factsOf({
    ...debian(),
    '/boot/grub/grub.cfg': grubConfig([VERSION, older]),
    '/boot/grub/grubenv': 'next_entry=1>1\n',
    [`/boot/vmlinuz-${older}`]: '',
    ...kernelModules(older),
  })
  assert.deepEqual(facts.defaultKernel, { kind: 'known', version: older, decidedBy: 'grub' })
})

test('a default entry whose kernel is gone, or that is a menu, leaves it unclear', async () => {
  const gone = await factsOf({ ...debian(), '/boot/grub/grub.cfg': grubConfig(['9.9']) })
  assert.ok(gone.defaultKernel.kind === 'unclear')
  assert.match(gone.defaultKernel.why, /vmlinuz-9\.9, which is not there/)
  const menu = { ...debian(), '/boot/grub/grub.cfg': grubConfig([VERSION], '1') }
  assert.match(JSON.stringify((await factsOf(menu)).defaultKernel), /leads to a menu/)
})

/** Rocky with a /boot partition of its own: paths count from its top. */
function rocky(saved: string): Record<string, string> {
  const files = debian()
  delete files['/boot/grub/grub.cfg']
  const version = '5.14.0-503.el9.x86_64'
  const entry = (id: string, of: string) => ({
    [`/boot/loader/entries/${id}.conf`]: [
      `title Rocky Linux (${of})`,
      `version ${of}`,
      `linux /vmlinuz-${of}`,
      `initrd /initramfs-${of}.img $tuned_initrd`,
      'options root=/dev/mapper/rl-root ro $kernelopts rd.lvm.lv=rl/root',
    ].join('\n'),
    [`/boot/vmlinuz-${of}`]: '',
    [`/boot/initramfs-${of}.img`]: ramdisk(['virtio_blk', 'virtio_pci']),
    ...kernelModules(of),
  })
  return {
    ...files,
    ...entry('m-5.14.0-70.el9.x86_64', '5.14.0-70.el9.x86_64'),
    ...entry(`m-${version}`, version),
    ...entry('m-0-rescue', '0-rescue-m'),
    '/boot/grub2/grub.cfg': 'set default="${saved_entry}"\ninsmod blscfg\nblscfg\n',
    '/boot/grub2/grubenv': `saved_entry=${saved}\nkernelopts=console=ttyS1\n`,
    '/usr/bin/dracut': '',
    '/etc/dracut.conf.d/a.conf': 'hostonly="yes"\nadd_drivers+=" virtio_blk virtio_pci "\n',
    '/etc/selinux/config': '# x\nSELINUX=enforcing\n',
  }
}

test('entries of the Boot Loader Specification decide where GRUB takes them', async () => {
  const saved = await factsOf(rocky('m-5.14.0-70.el9.x86_64'))
  assert.deepEqual(saved.defaultKernel, {
    kind: 'known',
    version: '5.14.0-70.el9.x86_64',
    decidedBy: 'bls',
  })
  assert.equal(
    saved.boot.commandLine,
    'root=/dev/mapper/rl-root ro console=ttyS1 rd.lvm.lv=rl/root',
  )
  assert.equal(saved.selinux, 'enforcing')
  assert.ok(
    saved.initramfsGenerators.some(
      (each) => each.name === 'dracut' && each.isHostOnly && each.addedDrivers.length === 2,
    ),
  )
  const byNumber = await factsOf(rocky('0'))
  assert.equal(
    byNumber.defaultKernel.kind === 'known' && byNumber.defaultKernel.version,
    '5.14.0-503.el9.x86_64',
  )
})

test("GRUB's configuration may be on the ESP alone, or only lead elsewhere from there", async () => {
  const files = debian()
  const config = files['/boot/grub/grub.cfg'] ?? ''
  const onEsp = {
    '/boot/efi/EFI/redhat/grubx64.efi': 'MZ',
    '/boot/efi/EFI/redhat/grub.cfg': config,
  }
  const stub = 'search.fs_uuid 1234 root\nconfigfile $prefix/grub.cfg\n'
  const { '/boot/grub/grub.cfg': _, ...withoutConfig } = files
  const alone = await factsOf({ ...withoutConfig, ...onEsp })
  const leading = await factsOf({ ...files, ...onEsp, '/boot/efi/EFI/redhat/grub.cfg': stub })
  for (const facts of [alone, leading]) {
    assert.deepEqual(facts.defaultKernel, { kind: 'known', version: VERSION, decidedBy: 'grub' })
    assert.ok(facts.boot.loaders.includes('grub-efi'))
  }
})

test('the ESP is described, and systemd-boot says what it starts', async () => {
  const files = debian()
  delete files['/boot/grub/grub.cfg']
  delete files['/boot/grub/i386-pc/normal.mod']
  const facts = await factsOf({
    ...files,
    '/boot/efi/EFI/systemd/systemd-bootx64.efi': 'MZ',
    '/boot/efi/EFI/BOOT/BOOTX64.EFI': 'MZ',
    '/boot/efi/loader/loader.conf': 'timeout 3\ndefault m-*\n',
    [`/boot/efi/loader/entries/m-${VERSION}.conf`]: `linux /m/${VERSION}/linux\nversion ${VERSION}\ninitrd /m/${VERSION}/initrd\n`,
    [`/boot/efi/m/${VERSION}/linux`]: '',
    [`/boot/efi/m/${VERSION}/initrd`]: ramdisk(['nvme']),
  })
  assert.deepEqual(facts.boot.loaders, ['systemd-boot'])
  assert.equal(facts.boot.esp?.hasFallback, true)
  assert.equal(facts.boot.esp?.hasShim, false)
  assert.deepEqual(facts.defaultKernel, {
    kind: 'known',
    version: VERSION,
    decidedBy: 'systemd-boot',
  })
  assert.deepEqual(facts.kernels[0]?.initramfs?.contents, { kind: 'read', modules: ['nvme'] })
})

test('a unified image says what boots: its kernel, its ramdisk, its command line', async () => {
  const facts = await factsOf(unifiedDebian(['virtio_blk', 'nvme'], 'root=UUID=1 quiet'))
  assert.deepEqual(facts.defaultKernel, {
    kind: 'known',
    version: VERSION,
    decidedBy: 'systemd-boot',
  })
  const [kernel] = facts.kernels
  assert.equal(kernel?.imagePath, IMAGE)
  assert.equal(kernel.isUnified, true)
  assert.deepEqual(kernel.initramfs?.contents, { kind: 'read', modules: ['nvme', 'virtio_blk'] })
  assert.ok(kernel.loadable?.includes('virtio_net'))
  assert.equal(facts.boot.commandLine, 'root=UUID=1 quiet')
  assert.equal(facts.boot.root, 'UUID=1')
})

const OTHER = '/boot/efi/EFI/Linux/debian-6.1.0-10-amd64.efi'
const OTHER_IMAGE = unifiedImage({ version: '6.1.0-10-amd64', commandLine: '', initramfs: '' })

test('of several images the newest boots, or the one that is set, or that of a system', async () => {
  const files = { ...unifiedDebian([]), [OTHER]: OTHER_IMAGE }
  const versionIn = async (more: Record<string, string>) => {
    const { defaultKernel } = await factsOf({ ...files, ...more })
    return defaultKernel.kind === 'known' ? defaultKernel.version : defaultKernel.why
  }
  assert.equal(await versionIn({}), '6.1.0-10-amd64')
  const conf = '/boot/efi/loader/loader.conf'
  assert.equal(await versionIn({ [conf]: 'default Debian-6.1.0-1-*\n' }), VERSION)
  // Sort keys go before none, and decide before versions do.
  const entry = '/boot/efi/loader/entries/zz.conf'
  assert.equal(await versionIn({ [entry]: 'linux /zz\n', '/boot/efi/zz': '' }), '6.1.0-10-amd64')
  const arch = { version: '5.10.0', commandLine: '', initramfs: '', osRelease: 'ID=arch\n' }
  assert.equal(await versionIn({ '/boot/efi/EFI/Linux/a.efi': unifiedImage(arch) }), '5.10.0')
})

test('an image that cannot be read leaves it unclear, and is named', async () => {
  const whole = unifiedDebian([])
  const { defaultKernel } = await factsOf({ ...whole, [IMAGE]: whole[IMAGE]!.slice(0, -512) })
  assert.ok(defaultKernel.kind === 'unclear')
  assert.match(defaultKernel.why, /debian-6\.1\.0-1-amd64\.efi cannot be read: .*cut off/)
})

test('without a boot loader the firmware starts the fallback, or what becomes it', async () => {
  const { '/boot/efi/EFI/systemd/systemd-bootx64.efi': _, ...files } = unifiedDebian(['sd_mod'])
  const fallback = '/boot/efi/EFI/BOOT/BOOTX64.EFI'
  const { [fallback]: __, ...alone } = files
  const byFirmware = { kind: 'known', version: VERSION, decidedBy: 'firmware' }
  const only = await factsOf(alone)
  assert.deepEqual(only.defaultKernel, byFirmware)
  assert.deepEqual(only.boot.loaders, ['firmware'])
  const itself = await factsOf({ ...alone, [OTHER]: OTHER_IMAGE, [fallback]: files[IMAGE]! })
  assert.deepEqual(itself.defaultKernel, byFirmware)
  assert.equal(itself.kernels[0]?.imagePath, fallback)
  for (const unclear of [{ ...alone, [OTHER]: OTHER_IMAGE }, files]) {
    const { defaultKernel } = await factsOf(unclear)
    assert.ok(defaultKernel.kind === 'unclear')
    assert.match(defaultKernel.why, /unified kernel images/)
  }
})

test('the image says its version where its name does not', async () => {
  const facts = await factsOf({
    '/boot/vmlinuz-linux': kernelImage('6.12.1-arch1-1'),
    '/boot/initramfs-linux.img': ramdisk(['virtio_blk']),
    ...kernelModules('6.12.1-arch1-1'),
  })
  assert.equal(facts.kernels[0]?.version, '6.12.1-arch1-1')
  assert.equal(facts.kernels[0]?.initramfs?.path, '/boot/initramfs-linux.img')
  assert.equal(facts.kernels[0]?.loadable?.length, 5)
})

test('a kernel that an entry starts by another name is told once', async () => {
  const facts = await factsOf({
    ...debian(),
    '/vmlinuz': kernelImage(VERSION),
    '/boot/grub/grub.cfg': `menuentry 'Debian' {\n linux /vmlinuz root=/dev/sda1\n initrd /boot/initrd.img-${VERSION}\n}\n`,
  })
  assert.deepEqual(
    facts.kernels.map(({ version, imagePath }) => [version, imagePath]),
    [[VERSION, '/vmlinuz']],
  )
  assert.equal(facts.kernels[0]?.initramfs?.contents?.kind, 'read')
})

test('a machine of another architecture is seen by its programs', async () => {
  assert.equal((await factsOf({ ...debian(), '/bin/sh': program(183) })).architecture, 'aarch64')
})

test('fstab says how each device is named', async () => {
  const facts = await factsOf({
    '/etc/fstab': [
      '# comment',
      '/dev/sda1 / ext4 defaults 0 1',
      'UUID=a /a xfs defaults,nofail 0 0',
      '/dev/vg/b /b xfs',
      'files:/c /c nfs4 _netdev 0 0',
      'tmpfs /tmp tmpfs nosuid 0 0',
      '/dev/disk/by-path/pci-0000 /d ext4 defaults 0 0',
      'PARTUUID=deadbeef-02 /e ext4 defaults 0 0',
      'PARTLABEL=f /f ext4 defaults 0 0',
      '/dev/disk/by-partuuid/deadbeef-03 /g ext4 defaults 0 0',
    ].join('\n'),
  })
  const namings = facts.fstab.map(({ naming }) => naming)
  assert.deepEqual(namings, [
    ...['hardware', 'stable', 'stable', 'network', 'other', 'path'],
    ...['stable', 'stable', 'stable'],
  ])
  assert.deepEqual(facts.fstab[1]?.options, ['defaults', 'nofail'])
  assert.deepEqual(facts.fstab[2]?.options, ['defaults'])
})

test('secrets in fstab and on the command line stay where they are', async () => {
  const files = debian()
  const config = files['/boot/grub/grub.cfg'] ?? ''
  const facts = await factsOf({
    ...files,
    '/etc/fstab': [
      '//nas/a /a cifs username=joe,password=hunter2,credentials=/root/c,vers=3.0 0 0',
      'https://joe:hunter2@dav.example/b /b davfs rw,user 0 0',
    ].join('\n'),
    '/boot/grub/grub.cfg': config.replaceAll('quiet', 'quiet x.password=hunter2'),
    '/proc/self/mounts': '//joe:hunter2@nas/a /a cifs rw 0 0\n',
  })
  assert.doesNotMatch(JSON.stringify(facts), /hunter2|joe/)
  assert.deepEqual(facts.fstab[0]?.options, ['username', 'password', 'credentials', 'vers=3.0'])
  assert.equal(facts.fstab[1]?.device, 'https://dav.example/b')
  assert.match(facts.boot.commandLine ?? '', /quiet x\.password console=ttyS0/)
})

test('a system that runs says on which disks its filesystems lie, and through what', async () => {
  const facts = await factsOf({
    ...debian(),
    '/etc/fstab': 'UUID=1234 / ext4 defaults 0 1\n',
    '/proc/self/mounts': [
      '/dev/mapper/vg-root / ext4 rw 0 0',
      'proc /proc proc rw 0 0',
      '/dev/sda1 /boot\\040part ext4 rw 0 0',
      'tank /tank zfs rw 0 0',
    ].join('\n'),
    '/proc/sys/kernel/osrelease': `${VERSION}\n`,
    '/dev/disk/by-uuid/1234': '-> ../../dm-1',
    '/dev/mapper/vg-root': '-> ../dm-1',
    '/sys/class/block/dm-1/dm/uuid': 'LVM-abc\n',
    '/sys/class/block/dm-1/slaves/dm-0': '',
    '/sys/class/block/dm-0/dm/uuid': 'CRYPT-LUKS2-abc\n',
    '/sys/class/block/dm-0/slaves/sdb': '',
    '/sys/class/block/sdb/size': '1',
    '/sys/class/block/sda1/partition': '1',
    '/sys/class/block/sda1': '-> ../../devices/pci0/block/sda/sda1',
    '/sys/class/block/sda/size': '1',
  })
  assert.deepEqual(facts.live, {
    firmware: 'bios',
    isSecureBoot: false,
    kernel: VERSION,
    mounts: [
      {
        device: '/dev/mapper/vg-root',
        folder: '/',
        type: 'ext4',
        disks: ['/dev/sdb'],
        layers: ['luks', 'lvm'],
      },
      {
        device: '/dev/sda1',
        folder: '/boot part',
        type: 'ext4',
        disks: ['/dev/sda'],
        layers: [],
      },
      { device: 'tank', folder: '/tank', type: 'zfs', disks: [], layers: [] },
    ],
  })
  assert.deepEqual(facts.fstab[0]?.disks, ['/dev/sdb'])
})

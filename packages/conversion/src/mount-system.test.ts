import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Fish } from './guestfish.ts'
import { mountSystem } from './mount-system.ts'

/** What is on the disks, for commands that look; the others are only noted. */
interface Disks {
  readonly encrypted?: readonly string[]
  readonly root?: string
  readonly files?: Readonly<Record<string, string>>
  readonly uuids?: Readonly<Record<string, string>>
  /** By partition, what its table says of it, as blkid prints it. */
  readonly entries?: Readonly<Record<string, string>>
  /** Opens every encrypted device. */
  readonly passphrase?: string
}

class PlayedFish implements Fish {
  readonly done: string[] = []
  readonly #disks: Disks
  readonly #open = new Set<string>()

  constructor(disks: Disks) {
    this.#disks = disks
  }

  async command(name: string, ...args: string[]): Promise<string> {
    const { encrypted = [], root, files = {}, uuids = {}, entries = {} } = this.#disks
    const [first = ''] = args
    const isLocked = encrypted.length > 0 && this.#open.size === 0
    switch (name) {
      case 'list-partitions':
        return ['/dev/sda1', '/dev/sda2', '/dev/sda3'].join('\n')
      case 'list-devices':
      case 'lvs':
      case 'list-md-devices':
        return ''
      case 'vfs-type':
        return encrypted.includes(first) ? 'crypto_LUKS' : 'ext4'
      case 'inspect-os':
        return isLocked ? '' : (root ?? '')
      case 'list-dm-devices':
        return [...this.#open].map((one) => `/dev/mapper/${one}`).join('\n')
      case 'is-file':
        return String(first in files)
      case 'cat':
        return files[first] ?? ''
      case 'findfs-uuid':
        return uuids[first] ?? ''
      case 'blkid':
        return entries[first] ?? ''
      default:
        if (name === 'cryptsetup-close') this.#open.delete(first.split('/').at(-1) ?? '')
        this.done.push([name, ...args].join(' ').trim())
        return ''
    }
  }

  attempt(name: string, ...args: string[]): Promise<string> {
    return this.command(name, ...args)
  }

  async attemptWithKey(key: string, name: string, ...args: string[]): Promise<string> {
    if (key === this.#disks.passphrase) this.#open.add(args[1] ?? '')
    return this.command(name, ...args)
  }

  async lines(name: string, ...args: string[]): Promise<string[]> {
    return (await this.command(name, ...args)).split('\n').filter(Boolean)
  }
}

async function mounted(disks: Disks, deviceNames: readonly string[], passphrases: string[] = []) {
  const fish = new PlayedFish(disks)
  await mountSystem(fish, { deviceNames, passphrases })
  return fish.done
}

test('file systems are mounted as fstab names them, parents first, and those on the disks', async () => {
  const fstab = [
    '# by all the names there are',
    'UUID=var /var ext4 defaults 0 2',
    'UUID=root / ext4 errors=remount-ro 0 1',
    '/dev/nvme0n1p1 /boot/efi vfat umask=0077 0 1',
    '/dev/mapper/vg-home /home xfs defaults,nofail 0 2',
    'UUID=root /var/log btrfs ro,subvol=@log 0 2',
    'server:/export /mnt nfs defaults 0 0',
    '/dev/sdz1 /gone ext4 defaults 0 2',
    'UUID=swap none swap sw 0 0',
  ].join('\n')
  const disks = {
    root: '/dev/sda2',
    files: { '/etc/fstab': fstab },
    uuids: { root: '/dev/sda2', var: '/dev/sda3' },
  }
  assert.deepEqual(await mounted(disks, ['/dev/nvme0n1']), [
    'mount /dev/sda2 /',
    'mount-options  /dev/sda3 /var',
    'mount-options  /dev/mapper/vg-home /home',
    'mount-options subvol=@log /dev/sda2 /var/log',
    'mount-options  /dev/sda1 /boot/efi',
  ])
})

test('what is named by its entry in a partition table is found there', async () => {
  const fstab = [
    'PARTUUID=AAAAAAAA-0000-4000-8000-000000000001 / ext4 defaults 0 1',
    'PARTUUID=deadbeef-05 /srv ext4 defaults 0 2',
    '/dev/disk/by-partlabel/its\\x20home /home ext4 defaults 0 2',
    'PARTLABEL=its\\040home /mnt/h ext4 defaults 0 2',
    'PARTLABEL=gone /gone ext4 nofail 0 2',
  ].join('\n')
  const disks = {
    root: '/dev/sda1',
    files: { '/etc/fstab': fstab },
    entries: {
      '/dev/sda1': 'PART_ENTRY_UUID: aaaaaaaa-0000-4000-8000-000000000001\n',
      '/dev/sda2': 'UUID: x\nPART_ENTRY_NAME: its\\ home\nPART_ENTRY_UUID: y\n',
      '/dev/sda3': 'PART_ENTRY_SCHEME: dos\nPART_ENTRY_UUID: deadbeef-05\n',
    },
  }
  assert.deepEqual(await mounted(disks, ['/dev/sda']), [
    'mount /dev/sda1 /',
    'mount-options  /dev/sda3 /srv',
    'mount-options  /dev/sda2 /home',
    'mount-options  /dev/sda2 /mnt/h',
  ])
})

test('an encrypted root is opened by the passphrase that fits, under the name of crypttab', async () => {
  const disks = {
    encrypted: ['/dev/sda2'],
    root: 'btrfsvol:/dev/mapper/landfall-0/@rootfs',
    files: { '/etc/crypttab': 'sda2_crypt UUID=luks none luks\n', '/etc/fstab': '' },
    uuids: { luks: '/dev/sda2' },
    passphrase: 'right',
  }
  assert.deepEqual(await mounted(disks, ['/dev/sda'], ['wrong', 'right']), [
    'cryptsetup-open /dev/sda2 landfall-0',
    'cryptsetup-open /dev/sda2 landfall-0',
    'lvm-scan true',
    'mount btrfsvol:/dev/mapper/landfall-0/@rootfs /',
    'umount-all',
    'vg-activate-all false',
    'cryptsetup-close /dev/mapper/landfall-0',
    'cryptsetup-open /dev/sda2 sda2_crypt',
    'lvm-scan true',
    'mount btrfsvol:/dev/mapper/sda2_crypt/@rootfs /',
  ])
})

test('an encrypted system without its passphrase is refused, with the remedy', async () => {
  const disks = { encrypted: ['/dev/sda2'], passphrase: 'right' }
  await assert.rejects(mounted(disks, ['/dev/nvme0n1'], ['wrong']), {
    code: 'unavailable',
    message: /LUKS on \/dev\/nvme0n1p2.*landfall disk-keys add/,
  })
})

import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import type { DiskSources } from '../block-devices.ts'

/** A tree of files for tests: content by path, `-> target` makes a link. */
export async function makeTree(
  t: TestContext,
  entries: Readonly<Record<string, string>>,
): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'landfall-tree-'))
  t.after(() => rm(root, { recursive: true, force: true }))
  for (const [path, content] of Object.entries(entries)) {
    const full = join(root, path)
    await mkdir(dirname(full), { recursive: true })
    if (content.startsWith('-> ')) await symlink(content.slice(3), full)
    else await writeFile(full, content)
  }
  return root
}

function disk(name: string, bytes: number, folder = 'devices/pci') {
  return {
    [`sys/${folder}/block/${name}/size`]: `${bytes / 512}\n`,
    [`sys/block/${name}`]: `-> ../${folder}/block/${name}`,
    [`sys/class/block/${name}`]: `-> ../../${folder}/block/${name}`,
    [`dev/${name.replaceAll('!', '/')}`]: '',
  }
}

/** A device mapper device, on the devices named. */
function mapped(name: string, uuid: string, on: readonly string[]) {
  const folder = `sys/devices/virtual/block/${name}`
  const names = on.map((below) => [
    `${folder}/slaves/${below}`,
    `-> ../../../../pci/block/${below}`,
  ])
  const holders = on.map((below) => [
    `sys/devices/pci/block/${below}/holders/${name}`,
    `-> ../../../../virtual/block/${name}`,
  ])
  return {
    ...disk(name, 8 * 1024 ** 3, 'devices/virtual'),
    [`${folder}/dm/uuid`]: `${uuid}\n`,
    [`${folder}/dm/name`]: `${uuid.split('-')[0]}-${name}\n`,
    ...(Object.fromEntries([...names, ...holders]) as Record<string, string>),
  }
}

/**
 * A machine whose LUN is reached by sda and sdb, with `/` in an LVM volume on a kpartx partition of
 * it; sdc and sdd carry a RAID array with a LUKS volume on it; sde is a USB stick.
 */
export async function fakeStack(t: TestContext): Promise<DiskSources> {
  const GIB = 1024 ** 3
  const above = (below: string, name: string) => ({
    [`sys/devices/virtual/block/${below}/holders/${name}`]: `-> ../../${name}`,
    [`sys/devices/virtual/block/${name}/slaves/${below}`]: `-> ../../${below}`,
  })
  const raid = 'sys/devices/virtual/block/md0'
  const root = await makeTree(t, {
    ...disk('sda', 8 * GIB),
    ...disk('sdb', 8 * GIB),
    ...disk('sdc', 4 * GIB),
    ...disk('sdd', 4 * GIB),
    ...disk('sde', GIB),
    'sys/devices/pci/block/sde/removable': '1\n',
    ...disk('ram0', 65_536, 'devices/virtual'),
    ...disk('ram1', 65_536, 'devices/virtual'),
    ...disk('nvme0n1', GIB),
    'sys/devices/pci/block/nvme0n1/queue/scheduler': 'none\n',
    ...mapped('dm-0', 'mpath-3600', ['sda', 'sdb']),
    ...mapped('dm-1', 'part1-mpath-3600', []),
    ...above('dm-0', 'dm-1'),
    ...mapped('dm-2', 'LVM-abc', []),
    ...above('dm-1', 'dm-2'),
    ...disk('md0', 4 * GIB, 'devices/virtual'),
    [`${raid}/slaves/sdc`]: '-> ../../../../pci/block/sdc',
    [`${raid}/slaves/sdd`]: '-> ../../../../pci/block/sdd',
    ...mapped('dm-3', 'CRYPT-LUKS2-abc', []),
    ...above('md0', 'dm-3'),
    'sys/dev/block/254:2': '-> ../../devices/virtual/block/dm-2',
    'dev/mapper/mpath-dm-0': '-> ../dm-0',
    mountinfo: '22 1 254:2 / / rw,relatime shared:1 - ext4 /dev/mapper/root rw\n',
  })
  return { sys: join(root, 'sys'), dev: join(root, 'dev'), mountinfo: join(root, 'mountinfo') }
}

/**
 * A machine as sysfs describes it: sda (boot, two partitions, the second in the volume dm-0 that is
 * `/`), sdb, an NVMe disk, a hidden NVMe path, an empty card reader, a loop device, and a disk too
 * small to replicate.
 */
export async function fakeDisks(t: TestContext): Promise<DiskSources> {
  const partition = (name: string, number: number) => ({
    [`sys/devices/pci/block/${name}/${name}${number}/partition`]: `${number}\n`,
    [`sys/class/block/${name}${number}`]: `-> ../../devices/pci/block/${name}/${name}${number}`,
    [`dev/${name}${number}`]: '',
  })
  const nvme = 'sys/devices/virtual/nvme-subsystem/nvme0'
  const root = await makeTree(t, {
    ...disk('sda', 20 * 1024 ** 3),
    ...partition('sda', 1),
    ...partition('sda', 2),
    ...disk('sdb', 10 * 1024 ** 3),
    ...disk('sdc', 0),
    ...disk('sdd', 512 * 1024),
    ...disk('cciss!c0d0', 1024 ** 3),
    ...disk('loop0', 1024 ** 3, 'devices/virtual'),
    ...disk('dm-0', 19 * 1024 ** 3, 'devices/virtual'),
    'sys/devices/virtual/block/dm-0/slaves/sda2': '-> ../../../../pci/block/sda/sda2',
    [`${nvme}/nvme0n1/size`]: `${(5 * 1024 ** 3) / 512}`,
    'sys/block/nvme0n1': '-> ../devices/virtual/nvme-subsystem/nvme0/nvme0n1',
    'sys/class/block/nvme0n1': '-> ../../devices/virtual/nvme-subsystem/nvme0/nvme0n1',
    'dev/nvme0n1': '',
    [`${nvme}/nvme0c0n1/hidden`]: '1\n',
    'sys/block/nvme0c0n1': '-> ../devices/virtual/nvme-subsystem/nvme0/nvme0c0n1',
    'sys/class/block/nvme0c0n1': '-> ../../devices/virtual/nvme-subsystem/nvme0/nvme0c0n1',
    'sys/dev/block/254:0': '-> ../../devices/virtual/block/dm-0',
    'sys/dev/block/8:1': '-> ../../devices/pci/block/sda/sda1',
    'dev/disk/by-id/second': '-> ../../sdb',
    'dev/null': '',
    mountinfo:
      '22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/mapper/root rw\n' +
      '23 22 8:1 / /boot rw shared:2 - ext4 /dev/sda1 rw\n' +
      '24 22 0:21 / /proc rw - proc proc rw\n',
  })
  return { sys: join(root, 'sys'), dev: join(root, 'dev'), mountinfo: join(root, 'mountinfo') }
}

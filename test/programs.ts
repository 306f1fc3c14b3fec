import { access, constants } from 'node:fs/promises'
import { join } from 'node:path'

/** What some measurements and faults need besides Landfall’s own programs, by Debian package. */
const PACKAGES = {
  blockdev: 'util-linux',
  chromium: 'chromium',
  chrt: 'util-linux',
  curl: 'curl',
  dd: 'coreutils',
  faketime: 'faketime',
  fio: 'fio',
  fsfreeze: 'util-linux',
  guestfish: 'libguestfs-tools',
  ip: 'iproute2',
  ip6tables: 'iptables',
  iptables: 'iptables',
  losetup: 'util-linux',
  'mkfs.ext4': 'e2fsprogs',
  mmdebstrap: 'mmdebstrap',
  nbdcopy: 'libnbd-bin',
  nsenter: 'util-linux',
  openssl: 'openssl',
  psql: 'postgresql-client',
  'qemu-img': 'qemu-utils',
  'qemu-storage-daemon': 'qemu-system-common',
  'qemu-system-x86_64': 'qemu-system-x86',
  ss: 'iproute2',
  ssh: 'openssh-client',
  tc: 'iproute2',
  'virt-v2v-in-place': 'virt-v2v',
} as const

export type Program = keyof typeof PACKAGES

/** Throws with the packages to install when a program is not there. */
export async function requirePrograms(programs: readonly Program[]): Promise<void> {
  const missing: Program[] = []
  for (const program of new Set(programs)) if (!(await isInPath(program))) missing.push(program)
  if (missing.length === 0) return
  const packages = new Set(missing.map((program) => PACKAGES[program]))
  throw new Error(
    `Missing: ${missing.join(', ')}. Install them with: apt install ${[...packages].join(' ')}`,
  )
}

async function isInPath(program: string): Promise<boolean> {
  for (const folder of (process.env.PATH ?? '').split(':')) {
    const found = await access(join(folder, program), constants.X_OK).then(
      () => true,
      () => false,
    )
    if (found) return true
  }
  return false
}

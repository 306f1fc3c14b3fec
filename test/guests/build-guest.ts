import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runProgram } from '@landfall/launch'
import type { GuestCell } from './cell.ts'
import { type GuestLayout, layoutOf } from './guest-layout.ts'
import { installSystem, systemRecipe } from './guest-system.ts'

export interface BuiltGuest {
  /** Raw images, the boot disk first. Boot overlays of them, never themselves. */
  readonly disks: readonly string[]
  readonly sshKeyPath: string
}

export interface BuildOptions {
  /** Guests are kept in it from run to run. */
  readonly cacheDir: string
  readonly accelerator: 'kvm' | 'tcg'
  readonly signal: AbortSignal
}

const FINISH = join(import.meta.dirname, 'finish.sh')

/** The disks of a cell's server, built from Debian's archive unless the cache has them. */
export async function buildGuest(cell: GuestCell, options: BuildOptions): Promise<BuiltGuest> {
  const layout = layoutOf(cell)
  const finish = await readFile(FINISH, 'utf8')
  const recipe = JSON.stringify([systemRecipe(cell), layout, finish, finishVariables(cell)])
  const hash = createHash('sha256').update(recipe).digest('hex').slice(0, 12)
  const folder = join(options.cacheDir, `${cell.name}-${hash}`)
  const guest = {
    disks: layout.diskBytes.map((_, index) => join(folder, `disk${index}.raw`)),
    sshKeyPath: join(options.cacheDir, 'id_ed25519'),
  }
  if (await exists(folder)) return guest
  await mkdir(options.cacheDir, { recursive: true })
  if (!(await exists(guest.sshKeyPath))) {
    const key = ['-q', '-t', 'ed25519', '-N', '', '-C', 'landfall-guests', '-f', guest.sshKeyPath]
    await runProgram('ssh-keygen', key)
  }
  const building = `${folder}.building`
  await rm(building, { recursive: true, force: true })
  await mkdir(join(building, 'scratch'), { recursive: true })
  const system = join(building, 'system.tar')
  const publicKey = await readFile(`${guest.sshKeyPath}.pub`, 'utf8')
  await installSystem(cell, { folder: building, target: system, publicKey, ...options })
  await makeDisks(cell, layout, { building, system, ...options })
  for (const leftOver of ['scratch', 'system.tar', 'setup.sh', 'build.fish', 'mounts', 'names']) {
    await rm(join(building, leftOver), { recursive: true, force: true })
  }
  await rename(building, folder)
  return guest
}

async function makeDisks(
  cell: GuestCell,
  layout: GuestLayout,
  options: BuildOptions & { readonly building: string; readonly system: string },
): Promise<void> {
  const { building, system, cacheDir, accelerator, signal } = options
  const drives: string[] = []
  for (const [index, bytes] of layout.diskBytes.entries()) {
    const path = join(building, `disk${index}.raw`)
    await writeFile(path, '')
    await truncate(path, bytes)
    drives.push('--format=raw', '-a', path)
  }
  const mounts = layout.mounts.map(
    ({ folder, options: mountOptions = '' }) => `${folder} ${mountOptions}\n`,
  )
  const names = Object.entries(layout.fstabNames).map(([folder, name]) => `${folder} ${name}\n`)
  await writeFile(join(building, 'mounts'), mounts.join(''))
  await writeFile(join(building, 'names'), names.join(''))
  const variables = Object.entries(finishVariables(cell))
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
  const script = [
    'run',
    ...layout.commands,
    ...layout.mounts.flatMap(({ device, folder, options: mountOptions = '' }) => [
      ...(folder === '/' ? [] : [`mkdir-p ${folder}`]),
      `mount-options "${mountOptions}" ${device} ${folder}`,
    ]),
    `tar-in ${system} /`,
    `upload ${join(building, 'mounts')} /root/mounts`,
    `upload ${join(building, 'names')} /root/source-names`,
    `upload ${FINISH} /root/finish.sh`,
    `sh "${variables} sh /root/finish.sh"`,
    'umount-all',
  ]
  const scriptPath = join(building, 'build.fish')
  await writeFile(scriptPath, `${script.join('\n')}\n`)
  await runProgram('guestfish', [...drives, '--keys-from-stdin', '-f', scriptPath], {
    signal,
    environment: {
      LIBGUESTFS_BACKEND: 'direct',
      LIBGUESTFS_BACKEND_SETTINGS: accelerator === 'tcg' ? 'force_tcg' : '',
      LIBGUESTFS_CACHEDIR: cacheDir,
      TMPDIR: join(building, 'scratch'),
    },
  })
}

function finishVariables(cell: GuestCell): Readonly<Record<string, string>> {
  return {
    NAMES: cell.names,
    LOADER: cell.bootLoader,
    FIRMWARE: cell.firmware,
    LAYOUT: cell.layout,
    // What opens the root is in the ramdisk, and only here is there something to open.
    REBUILD: cell.layout === 'raid1' || cell.layout === 'luks' ? 'yes' : '',
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

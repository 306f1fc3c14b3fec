import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { installAgent, type MachineDisk, SourceMachine } from '@landfall/cli'
import { type Accelerator, runProgram } from '@landfall/launch'
import { freePort, type Installation } from '../installation.ts'
import { buildGuest } from './build-guest.ts'
import type { GuestCell } from './cell.ts'
import { PASSPHRASE } from './guest-layout.ts'
import { hardwareOf } from './hardware.ts'

const SYNC_DEADLINE_MS = 1_200_000

/** What a guest of LUKS asks at its console, and the answer. */
export const UNLOCK = { pattern: /unlock disk|passphrase for/i, answer: PASSPHRASE }

export interface MigrateOptions {
  readonly installation: Installation
  readonly key: { readonly accessKeyId: string; readonly secretAccessKey: string }
  readonly cacheDir: string
  readonly accelerator: Accelerator
  readonly signal: AbortSignal
  readonly log: (message: string) => void
}

/** Builds a cell's server and boots it on its own hardware. */
export async function bootSource(
  cell: GuestCell,
  folder: string,
  options: Omit<MigrateOptions, 'installation' | 'key'>,
): Promise<SourceMachine> {
  const { accelerator, signal, log } = options
  log('building')
  const guest = await buildGuest(cell, options)
  log('booting the source')
  return await SourceMachine.boot({
    image: { path: guest.disks[0] ?? '', sshKeyPath: guest.sshKeyPath },
    moreDisks: await overlays(guest.disks.slice(1), folder),
    hardware: hardwareOf(cell),
    ...(cell.layout === 'luks' && { question: UNLOCK }),
    folder,
    sshPort: await freePort(),
    accelerator,
    signal,
    onProgress: () => undefined,
  })
}

/** Installs the agent and returns when all is replicated. */
export async function replicate(
  cell: GuestCell,
  machine: SourceMachine,
  options: MigrateOptions & { readonly folder: string },
): Promise<string> {
  const { installation, key, folder, signal, log } = options
  // The target's firmware is not to find it: it stood for a variable of the source's.
  await machine.run('rm -f /boot/efi/startup.nsh; sync', { signal })
  log('installing the agent')
  const sourceServerID = await installAgent(machine, {
    port: installation.port,
    region: (await installation.administrator()).region,
    key,
    caCertificatePem: await readFile(installation.caFile, 'utf8'),
    signal,
  })
  if (cell.layout === 'luks') {
    const file = join(folder, 'passphrase')
    await writeFile(file, `${PASSPHRASE}\n`, { mode: 0o600 })
    await installation.landfall('disk-keys', 'add', sourceServerID, '--from', file)
  }
  log('replicating')
  await installation.untilContinuous(sourceServerID, SYNC_DEADLINE_MS)
  return sourceServerID
}

async function overlays(disks: readonly string[], folder: string): Promise<MachineDisk[]> {
  const made: MachineDisk[] = []
  for (const [index, base] of disks.entries()) {
    const path = join(folder, `more-${index}.qcow2`)
    await runProgram('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', base, path])
    made.push({ path, format: 'qcow2' })
  }
  return made
}

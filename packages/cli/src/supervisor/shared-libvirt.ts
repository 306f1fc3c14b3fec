import { createHash } from 'node:crypto'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ensureLibvirt } from '@landfall/launch'
import type { DataPaths } from '../installation/data-directory.ts'
import { readJsonFile, writeJsonFile } from '../installation/json-file.ts'
import { waitForLock } from './lock.ts'
import { type ProcessIdentity, identifyProcess, isRunning } from './process-identity.ts'

/**
 * `qemu:///system` is one for the whole machine, however many installations there are: they start
 * it one after the other, and the last to leave stops it. Emptied by a reboot, like libvirt itself.
 */
const FOLDER = '/run/landfall'
const USERS = join(FOLDER, 'libvirt-users')

/**
 * Has libvirt running for this installation, and keeps it from being stopped by another one's end.
 * May be called again and again; says whether it had to be started. Root only.
 */
export async function useLibvirt(
  paths: DataPaths,
  signal: AbortSignal,
): Promise<{ readonly started: boolean }> {
  await mkdir(USERS, { recursive: true })
  using _lock = await waitForLock(join(FOLDER, 'libvirt.lock'), signal)
  const identity = await identifyProcess(process.pid)
  if (identity === undefined) throw new Error('This process is not in /proc')
  await writeJsonFile(userFile(paths), identity, 0o644)
  const { started } = await ensureLibvirt({ runDir: FOLDER, signal })
  return { started }
}

/**
 * This installation no longer needs libvirt: stopped when Landfall started it and nobody else does.
 */
export async function leaveLibvirt(paths: DataPaths): Promise<void> {
  await mkdir(USERS, { recursive: true })
  const never = new AbortController().signal
  using _lock = await waitForLock(join(FOLDER, 'libvirt.lock'), never)
  await rm(userFile(paths), { force: true })
  for (const name of await readdir(USERS)) {
    const user = (await readJsonFile(join(USERS, name))) as ProcessIdentity | undefined
    if (user !== undefined && (await isRunning(user))) return
  }
  const daemons = await readdir(FOLDER)
  if (!daemons.includes('libvirtd.pid')) return // Not ours: the machine's own.
  const libvirt = await ensureLibvirt({ runDir: FOLDER })
  await libvirt.stop()
}

function userFile(paths: DataPaths): string {
  const key = createHash('sha256').update(paths.root).digest('hex').slice(0, 16)
  return join(USERS, `${key}.json`)
}

import { chown, mkdir, open, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { LandfallError, type InstanceState } from '@landfall/model'
import type { ImageDisk } from '../provider.ts'
import { runProgram } from '../run-program.ts'
import type { DomainDisk } from './disk-xml.ts'
import { createCopyFile, diskSize, readDomainDisks } from './domain-disks.ts'
import { domainName, type DomainOwner } from './domain-xml.ts'
import type { Virsh } from './virsh.ts'
import { toXml } from './xml.ts'

/** A copy takes seconds to hours. */
const POLL_MS = 500

/** QEMU ends a copy within a second; a disk that hangs keeps it from that. */
const ABORT_TIMEOUT_MS = 60_000

/** The file of one disk of an image, in a backup of libvirt's. */
const IMAGE_FILE = /\/ami-[0-9a-f]{17}\/vd[a-z]+\.qcow2/

/** In which `stat` counts, whatever the file system's own are. */
const BLOCK_BYTES = 512

/** How the last job of a domain has ended, also one that failed. */
const ENDED_JOB = ['domjobinfo', '--completed', '--anystats'] as const
const IS_BACKUP = /^Operation:\s+Backup\b/m

interface Task {
  readonly virsh: Virsh
  readonly instanceID: string
  readonly state: InstanceState
  /** The image's own; what is in it is replaced. */
  readonly folder: string
  readonly owner: DomainOwner
  readonly signal: AbortSignal
}

interface ImageCopy {
  readonly disk: DomainDisk
  readonly path: string
  readonly sizeBytes: number
}

/** The libvirt part of `Provider.createImage`. */
export async function copyDisksToImage(task: Task): Promise<ImageDisk[]> {
  const { virsh, instanceID, folder, owner, state } = task
  await endImageCopy(virsh, instanceID)
  try {
    await rm(folder, { recursive: true, force: true })
    await mkdir(folder, { mode: 0o750 })
    await chown(folder, owner.uid, owner.gid)
    const copies: ImageCopy[] = []
    for (const disk of await readDomainDisks(virsh, instanceID)) {
      const path = join(folder, `${disk.target}.qcow2`)
      copies.push({ disk, path, sizeBytes: await diskSize(virsh, instanceID, disk.target) })
    }
    task.signal.throwIfAborted()
    await (state === 'running' ? copyRunning(task, copies) : copyStopped(task, copies))
    return await makeDurable(folder, copies)
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

/**
 * Ends a copy into an image that a killed caller left to QEMU. A backup that somebody else makes of
 * the domain is not touched.
 */
export async function endImageCopy(virsh: Virsh, instanceID: string): Promise<void> {
  const name = domainName(instanceID)
  const deadline = performance.now() + ABORT_TIMEOUT_MS
  // No backup is an error, and so is a domain that does not run.
  while (IMAGE_FILE.test(await virsh(['backup-dumpxml', name]).catch(() => ''))) {
    if (performance.now() > deadline) {
      const message = `QEMU does not end the copy of the disks of instance ${instanceID}.`
      throw new LandfallError('unavailable', message)
    }
    await virsh(['domjobabort', name]).catch(() => '')
    await sleep(POLL_MS)
  }
}

/** All disks in one transaction of QEMU: before it overwrites a block, it copies what was there. */
async function copyRunning(task: Task, copies: readonly ImageCopy[]): Promise<void> {
  const { virsh, instanceID, folder, owner } = task
  refuseOwnThreads(instanceID, copies)
  for (const { path, sizeBytes } of copies) await createCopyFile(path, sizeBytes, owner)
  const xmlPath = join(folder, 'backup.xml')
  await writeFile(xmlPath, backupXml(copies))
  const name = domainName(instanceID)
  // Reading forgets how the backup before it ended.
  await virsh([...ENDED_JOB, name])
  try {
    await virsh(['backup-begin', name, '--backupxml', xmlPath, '--reuse-external'])
    await awaitEnd(task)
  } catch (error) {
    await endImageCopy(virsh, instanceID)
    throw error
  }
  await rm(xmlPath)
}

/**
 * A copy that fails, for want of space for one, of a disk with a thread of its own may end QEMU 7.2
 * ("qemu_mutex_unlock_impl"), and the instance with it.
 */
function refuseOwnThreads(instanceID: string, copies: readonly ImageCopy[]): void {
  const names = copies
    .filter(({ disk }) => disk.ioThread !== undefined)
    .map(({ disk }) => disk.deviceName)
  if (names.length === 0) return
  throw new LandfallError(
    'conflict',
    `Instance ${instanceID} runs with threads of their own for ${names.join(', ')} (volume types ` +
      'io1 and io2), which cannot be copied without a risk for it. Stop it and make the image then.',
  )
}

function backupXml(copies: readonly ImageCopy[]): string {
  const disk = copies.map((copy) => ({
    '@name': copy.disk.target,
    '@backup': 'yes',
    '@type': 'file',
    driver: { '@type': 'qcow2' },
    target: { '@file': copy.path, seclabel: { '@model': 'dac', '@relabel': 'no' } },
  }))
  return toXml({ domainbackup: { '@mode': 'push', disks: { disk } } })
}

/** Returns once libvirt says that everything was copied. */
async function awaitEnd({ virsh, instanceID, signal }: Task): Promise<void> {
  const name = domainName(instanceID)
  const isUnderWay = async () => IS_BACKUP.test(await virsh(['domjobinfo', name]).catch(() => ''))
  while (await isUnderWay()) await sleep(POLL_MS, undefined, { signal })
  // Of a domain that is gone nothing can be read, but libvirt must answer.
  const ended = await virsh([...ENDED_JOB, name]).catch(() => virsh(['uri']))
  if (/^Job type:\s+Completed/m.test(ended) && IS_BACKUP.test(ended)) return
  const words = /^Error message:\s+(.+)$/m.exec(ended)?.[1]
  if (words === undefined) throw endedEarly(instanceID, 'stopped')
  const message = `QEMU could not copy the disks of instance ${instanceID}: ${words.trim()}.`
  throw new LandfallError('unavailable', message)
}

async function copyStopped(task: Task, copies: readonly ImageCopy[]): Promise<void> {
  const { instanceID, owner, signal } = task
  const written = () => Promise.all(copies.map(({ disk }) => lastWritten(disk.path)))
  const before = await written()
  for (const { disk, path } of copies) {
    const args = ['convert', '-f', 'qcow2', '-O', 'qcow2', disk.path, path]
    await runProgram('qemu-img', args, { signal })
    await chown(path, owner.uid, owner.gid)
  }
  // Nobody but this provider starts it; but who does so by hand is noticed.
  const after = await written()
  if (after.some((moment, index) => moment !== before[index])) {
    throw endedEarly(instanceID, 'started')
  }
}

async function lastWritten(path: string): Promise<bigint | undefined> {
  const { mtimeNs } = await stat(path, { bigint: true }).catch(() => ({ mtimeNs: undefined }))
  return mtimeNs
}

function endedEarly(instanceID: string, how: 'started' | 'stopped'): LandfallError {
  const message = `Instance ${instanceID} was ${how} or terminated while its disks were copied.`
  return new LandfallError('conflict', message)
}

/** On the medium, with the way to it. */
async function makeDurable(folder: string, copies: readonly ImageCopy[]): Promise<ImageDisk[]> {
  for (const { path } of copies) await sync(path)
  await sync(folder)
  await sync(dirname(folder))
  return Promise.all(
    copies.map(async ({ disk: { deviceName }, path, sizeBytes }) => {
      const { blocks } = await stat(path)
      return { deviceName, path, sizeBytes, fileBytes: blocks * BLOCK_BYTES }
    }),
  )
}

async function sync(path: string): Promise<void> {
  await using handle = await open(path, 'r')
  await handle.sync()
}

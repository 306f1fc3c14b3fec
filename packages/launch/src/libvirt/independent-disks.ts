import { chown, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { InstanceState } from '@landfall/model'
import type { IndependenceOptions, InstanceDisk } from '../provider.ts'
import { runProgram } from '../run-program.ts'
import { diskElement } from './disk-xml.ts'
import type { DomainDisk } from './disk-xml.ts'
import { createCopyFile, diskSize, readDomainDisks } from './domain-disks.ts'
import { domainName } from './domain-xml.ts'
import type { DomainOwner } from './domain-xml.ts'
import { endImageCopy } from './image-disks.ts'
import type { Virsh } from './virsh.ts'
import { toXml } from './xml.ts'

/** Copying a disk may take hours: a day is far beyond any disk this serves, yet ends. */
const COPY_TIMEOUT_MS = 24 * 3600 * 1000

/** Begins the name of every file this makes in an instance's folder. */
const DISK_PREFIX = 'disk-'

interface Task extends IndependenceOptions {
  readonly virsh: Virsh
  readonly instanceID: string
  readonly state: InstanceState
  /** Where the new disks go. */
  readonly folder: string
  readonly owner: DomainOwner
}

/** The libvirt part of `Provider.makeIndependent`: one disk after the other. */
export async function makeDisksIndependent(task: Task): Promise<InstanceDisk[]> {
  // It may be a killed caller's.
  await endImageCopy(task.virsh, task.instanceID)
  const disks: InstanceDisk[] = []
  for (const { path: source, ...marks } of await readDomainDisks(task.virsh, task.instanceID)) {
    const { deviceName, target } = marks
    task.signal.throwIfAborted()
    const path = join(task.folder, `${DISK_PREFIX}${target}.qcow2`)
    const onPercent = (percent: number) => task.onProgress({ deviceName, percent })
    if (source !== path) {
      if (task.state === 'running') await copyRunning(task, { ...marks, path }, onPercent)
      else await copyStopped(task, { ...marks, path }, source, onPercent)
    }
    onPercent(100)
    disks.push({ deviceName, path })
  }
  return disks
}

/** Deletes what was made in an instance's folder, whole or not. */
export async function removeIndependentDisks(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  for (const name of names.filter((one) => one.startsWith(DISK_PREFIX))) {
    await rm(join(folder, name), { force: true })
  }
}

/** Mirrors the disk into a new file and moves the running instance over. */
async function copyRunning(
  task: Task,
  disk: DomainDisk,
  onPercent: (percent: number) => void,
): Promise<void> {
  const { target, path } = disk
  const name = domainName(task.instanceID)
  const abortJob = ['blockjob', name, target, '--abort']
  // A copy that an earlier, killed caller began; usually there is none.
  await task.virsh(abortJob).catch(() => '')
  await rm(path, { force: true })
  const sizeBytes = await diskSize(task.virsh, task.instanceID, target)
  await createCopyFile(path, sizeBytes, task.owner)
  const xmlPath = await writeDiskXml(task, disk)
  try {
    await task.virsh(
      [
        'blockcopy',
        name,
        target,
        '--xml',
        xmlPath,
        '--reuse-external',
        '--transient-job',
        '--wait',
        '--verbose',
        '--pivot',
      ],
      { signal: task.signal, timeoutMs: COPY_TIMEOUT_MS, onLine: percentIn(onPercent) },
    )
  } catch (error) {
    await task.virsh(abortJob).catch(() => '')
    throw error
  } finally {
    await rm(xmlPath)
  }
}

async function copyStopped(
  task: Task,
  disk: DomainDisk,
  source: string,
  onPercent: (percent: number) => void,
): Promise<void> {
  const unfinished = `${disk.path}.unfinished`
  const args = ['convert', '-p', '-f', 'qcow2', '-O', 'qcow2', source, unfinished]
  await runProgram('qemu-img', args, { signal: task.signal, onLine: percentIn(onPercent) })
  await chown(unfinished, task.owner.uid, task.owner.gid)
  await rename(unfinished, disk.path)
  const xmlPath = await writeDiskXml(task, disk)
  await task.virsh(['update-device', domainName(task.instanceID), xmlPath, '--config'])
  await rm(xmlPath)
}

/** The disk's new description, for libvirt to read from a file. */
async function writeDiskXml(task: Task, disk: DomainDisk): Promise<string> {
  const xmlPath = join(task.folder, `${DISK_PREFIX}${disk.target}.xml`)
  await writeFile(xmlPath, toXml({ disk: diskElement(disk) }))
  return xmlPath
}

/** Reads `(12.34/100%)` of qemu-img and `[ 12 %]` or `[12.34 %]` of virsh. */
function percentIn(onPercent: (percent: number) => void): (line: string) => void {
  return (line) => {
    const percent = /([\d.]+)(?:\/100)? ?%/.exec(line)?.[1]
    if (percent !== undefined) onPercent(Number(percent))
  }
}

import { chown, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LandfallError } from '@landfall/model'
import type { IndependenceOptions, InstanceDisk, InstanceState } from '../provider.ts'
import { runProgram } from '../run-program.ts'
import { diskElement, disksInMetadata } from './disk-xml.ts'
import type { DomainDisk } from './disk-xml.ts'
import { METADATA_URI, domainName } from './domain-xml.ts'
import type { DomainOwner } from './domain-xml.ts'
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
  const name = domainName(task.instanceID)
  const marked = await task.virsh(['metadata', name, '--uri', METADATA_URI])
  const sources = sourcesByTarget(await task.virsh(['domblklist', name]))
  const disks: InstanceDisk[] = []
  for (const marks of disksInMetadata(marked)) {
    const { deviceName, target } = marks
    task.signal.throwIfAborted()
    const source = sources.get(target)
    if (source === undefined) {
      const message = `Instance ${task.instanceID} has lost its disk ${target} (${deviceName}).`
      throw new LandfallError('conflict', message)
    }
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
  const info = await task.virsh(['domblkinfo', name, target])
  const sizeBytes = /^Capacity:\s+(\d+)/m.exec(info)?.[1]
  if (sizeBytes === undefined) throw new Error(`libvirt gives no size for ${target}: ${info}`)
  await runProgram('qemu-img', ['create', '-q', '-f', 'qcow2', path, sizeBytes])
  await chown(path, task.owner.uid, task.owner.gid)
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

/** The table of `virsh domblklist`: target and source, the source may hold spaces. */
function sourcesByTarget(table: string): Map<string, string> {
  const rows = table.split('\n').map((line) => /^\s*(\S+)\s+(.+?)\s*$/.exec(line))
  return new Map(rows.flatMap((row) => (row?.[1] && row[2] ? [[row[1], row[2]] as const] : [])))
}

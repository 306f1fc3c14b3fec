import { chown } from 'node:fs/promises'
import { LandfallError } from '@landfall/model'
import { runProgram } from '../run-program.ts'
import { disksInMetadata, type DomainDisk } from './disk-xml.ts'
import { METADATA_URI, domainName, type DomainOwner } from './domain-xml.ts'
import type { Virsh } from './virsh.ts'

/** The disks of a domain of ours, with the files that are behind them now. */
export async function readDomainDisks(virsh: Virsh, instanceID: string): Promise<DomainDisk[]> {
  const name = domainName(instanceID)
  const marked = await virsh(['metadata', name, '--uri', METADATA_URI])
  const sources = sourcesByTarget(await virsh(['domblklist', name]))
  return disksInMetadata(marked).map((marks) => {
    const path = sources.get(marks.target)
    if (path !== undefined) return { ...marks, path }
    const { target, deviceName } = marks
    const message = `Instance ${instanceID} has lost its disk ${target} (${deviceName}).`
    throw new LandfallError('conflict', message)
  })
}

/** What the guest sees of a disk, in bytes. */
export async function diskSize(virsh: Virsh, instanceID: string, target: string): Promise<number> {
  const info = await virsh(['domblkinfo', domainName(instanceID), target])
  const sizeBytes = /^Capacity:\s+(\d+)/m.exec(info)?.[1]
  if (sizeBytes === undefined) throw new Error(`libvirt gives no size for ${target}: ${info}`)
  return Number(sizeBytes)
}

/** An empty file that QEMU is to copy a disk into. */
export async function createCopyFile(
  path: string,
  sizeBytes: number,
  owner: DomainOwner,
): Promise<void> {
  await runProgram('qemu-img', ['create', '-q', '-f', 'qcow2', path, String(sizeBytes)])
  await chown(path, owner.uid, owner.gid)
}

/** The table of `virsh domblklist`: target and source, the source may hold spaces. */
function sourcesByTarget(table: string): Map<string, string> {
  const rows = table.split('\n').map((line) => /^\s*(\S+)\s+(.+?)\s*$/.exec(line))
  return new Map(rows.flatMap((row) => (row?.[1] && row[2] ? [[row[1], row[2]] as const] : [])))
}

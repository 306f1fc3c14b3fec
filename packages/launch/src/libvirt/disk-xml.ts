import { XMLParser } from 'fast-xml-parser'
import type { LaunchDisk } from '../launch-plan.ts'
import type { InstanceDisk } from '../provider.ts'
import { plainText } from './xml.ts'

/** A disk as a domain has it. */
export interface DomainDisk extends InstanceDisk {
  readonly target: string
  readonly limits: Limits
  /** The number, from 1, of the I/O thread that is its own; absent: QEMU's main loop serves it. */
  readonly ioThread?: number
}

interface Limits {
  readonly iopsMax?: number
  readonly bytesPerSecondMax?: number
}

export function domainDisks(disks: readonly LaunchDisk[]): DomainDisk[] {
  let ioThreads = 0
  return disks.map(({ deviceName, path, hints: { hasOwnThread, ...limits } }, index) => ({
    deviceName,
    path,
    target: targetName(index),
    limits,
    ...(hasOwnThread && { ioThread: (ioThreads += 1) }),
  }))
}

/** The domain's element for as many I/O threads as its disks name. */
export function ioThreads(disks: readonly DomainDisk[]): { iothreads?: number } {
  const iothreads = disks.filter(({ ioThread }) => ioThread !== undefined).length
  return iothreads > 0 ? { iothreads } : {}
}

/** The virtio disk name of the disk at an index: vda, …, vdz, vdaa, … */
export function targetName(index: number): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz'
  const last = letters.charAt(index % 26)
  return `vd${index < 26 ? '' : letters.charAt(Math.floor(index / 26) - 1)}${last}`
}

/** One disk as libvirt wants it, in a domain or by itself. */
export function diskElement(disk: Omit<DomainDisk, 'deviceName'>): object {
  const { path, target, ioThread } = disk
  const { iopsMax, bytesPerSecondMax } = disk.limits
  const limits = {
    ...(bytesPerSecondMax !== undefined && { total_bytes_sec: bytesPerSecondMax }),
    ...(iopsMax !== undefined && { total_iops_sec: iopsMax }),
  }
  return {
    '@type': 'file',
    '@device': 'disk',
    driver: {
      '@name': 'qemu',
      '@type': 'qcow2',
      '@discard': 'unmap',
      ...(ioThread !== undefined && { '@iothread': ioThread }),
    },
    // libvirt must not touch the ownership of the file nor of anything below it.
    source: { '@file': path, seclabel: { '@model': 'dac', '@relabel': 'no' } },
    target: { '@dev': target, '@bus': 'virtio' },
    ...(Object.keys(limits).length > 0 && { iotune: limits }),
  }
}

/** What of a disk is in our own mark in a domain. */
export function diskMark({ deviceName, target, limits, ioThread }: DomainDisk): object {
  return {
    '@device': plainText(deviceName),
    '@target': target,
    ...(limits.iopsMax !== undefined && { '@iopsMax': limits.iopsMax }),
    ...(limits.bytesPerSecondMax !== undefined && {
      '@bytesPerSecondMax': limits.bytesPerSecondMax,
    }),
    ...(ioThread !== undefined && { '@ioThread': ioThread }),
  }
}

type DiskMark = Readonly<Record<string, string | undefined>>

/** From our own mark in a domain: its disks, but for the files behind them. */
export function disksInMetadata(xml: string): Omit<DomainDisk, 'path'>[] {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    removeNSPrefix: true,
    parseAttributeValue: false,
    isArray: (name) => name === 'disk',
  })
  const parsed = parser.parse(xml) as { instance?: { disk?: DiskMark[] } }
  return (parsed.instance?.disk ?? []).map((mark) => ({
    deviceName: mark['@device'] ?? '',
    target: mark['@target'] ?? '',
    limits: { ...numberIn(mark, 'iopsMax'), ...numberIn(mark, 'bytesPerSecondMax') },
    ...numberIn(mark, 'ioThread'),
  }))
}

function numberIn<Name extends string>(mark: DiskMark, name: Name): Partial<Record<Name, number>> {
  const text = mark[`@${name}`]
  return text === undefined ? {} : ({ [name]: Number(text) } as Record<Name, number>)
}

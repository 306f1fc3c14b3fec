import { createHash } from 'node:crypto'
import { AGENT_PORT } from '@landfall/model'
import { XMLBuilder, XMLParser } from 'fast-xml-parser'
import type { LaunchPlan } from '../launch-plan.ts'
import { qemuElements, interfaceElements, QEMU_NAMESPACE } from './network-xml.ts'

/** Marks a domain as ours; virsh reads it back with `metadata --uri`. */
export const METADATA_URI = 'https://landfall.dev/xmlns/instance/1'

/**
 * QEMU's default translation cache grew to 800 MB for a 512 MiB guest; 64 MiB cost no measured
 * time.
 */
const TCG_CACHE_MIB = 64

export interface DomainFiles {
  /** Serial console, appended to. */
  readonly serialLogPath: string
  /** The screen as a VNC server on a unix socket, for whoever may open it. */
  readonly vncSocketPath: string
  /** The host's end of the channel to the agent in the guest. */
  readonly agentSocketPath: string
}

export interface DomainOwner {
  readonly uid: number
  readonly gid: number
}

export function domainName(instanceID: string): string {
  return `landfall-${instanceID}`
}

/** Always the same for an instance ID, so that libvirt itself refuses a second domain. */
export function domainUUID(instanceID: string): string {
  const hex = createHash('sha256').update(`domain:${instanceID}`).digest('hex')
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
  ]
  return [...parts, hex.slice(20, 32)].join('-')
}

/** The virtio disk name of the disk at an index: vda, …, vdz, vdaa, … */
export function targetName(index: number): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz'
  const last = letters.charAt(index % 26)
  return `vd${index < 26 ? '' : letters.charAt(Math.floor(index / 26) - 1)}${last}`
}

/**
 * The libvirt domain of a launch plan. QEMU runs as `owner` and libvirt changes the ownership of no
 * file: the disks' layers are shared with the storage daemons.
 */
export function domainXml(plan: LaunchPlan, files: DomainFiles, owner: DomainOwner): string {
  const isTcg = plan.accelerator === 'tcg'
  return toXml({
    domain: {
      '@type': isTcg ? 'qemu' : 'kvm',
      '@xmlns:qemu': QEMU_NAMESPACE,
      name: domainName(plan.instanceID),
      uuid: domainUUID(plan.instanceID),
      title: plainText(plan.name).replaceAll('\n', ' '),
      metadata: metadata(plan),
      memory: { '@unit': 'MiB', '#text': plan.memoryMiB },
      vcpu: plan.vcpus,
      os: { type: { '@arch': 'x86_64', '@machine': 'pc', '#text': 'hvm' }, boot: { '@dev': 'hd' } },
      features: {
        acpi: '',
        ...(isTcg ? { tcg: { 'tb-cache': { '@unit': 'MiB', '#text': TCG_CACHE_MIB } } } : {}),
      },
      // Present-day distributions need x86-64-v2; QEMU's default model lacks it.
      cpu: { '@mode': isTcg ? 'maximum' : 'host-passthrough' },
      clock: { '@offset': 'utc' },
      on_poweroff: 'destroy',
      on_reboot: 'restart',
      on_crash: 'destroy',
      devices: devices(plan, files),
      seclabel: {
        '@type': 'static',
        '@model': 'dac',
        // libvirt has private files for QEMU, which must become the owner's; disks refuse, see
        // below.
        '@relabel': 'yes',
        label: `+${owner.uid}:+${owner.gid}`,
      },
      ...qemuElements(plan.nics),
    },
  })
}

function metadata(plan: LaunchPlan): object {
  const tags = Object.entries(plan.tags).map(([key, value]) => ({
    '@key': plainText(key),
    '@value': plainText(value),
  }))
  const disks = plan.disks.map((disk, index) => ({
    '@device': plainText(disk.deviceName),
    '@target': targetName(index),
  }))
  return {
    'landfall:instance': {
      '@xmlns:landfall': METADATA_URI,
      '@id': plan.instanceID,
      '@type': plainText(plan.instanceType),
      'landfall:disk': disks,
      'landfall:tag': tags,
    },
  }
}

/** From our own mark in a domain: which source disk is behind which target name. */
export function disksInMetadata(xml: string): { deviceName: string; target: string }[] {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    removeNSPrefix: true,
    parseAttributeValue: false,
    isArray: (name) => name === 'disk',
  })
  const parsed = parser.parse(xml) as {
    instance?: { disk?: { '@device': string; '@target': string }[] }
  }
  const disks = parsed.instance?.disk ?? []
  return disks.map((disk) => ({ deviceName: disk['@device'], target: disk['@target'] }))
}

/** One disk as libvirt wants it, in a domain or by itself. */
export function diskElement(path: string, target: string): object {
  return {
    '@type': 'file',
    '@device': 'disk',
    driver: { '@name': 'qemu', '@type': 'qcow2', '@discard': 'unmap' },
    // libvirt must not touch the ownership of the file nor of anything below it.
    source: { '@file': path, seclabel: { '@model': 'dac', '@relabel': 'no' } },
    target: { '@dev': target, '@bus': 'virtio' },
  }
}

export function toXml(element: object): string {
  const options = { ignoreAttributes: false, attributeNamePrefix: '@', format: true }
  return new XMLBuilder(options).build(element)
}

function devices(plan: LaunchPlan, files: DomainFiles): object {
  return {
    disk: plan.disks.map((disk, index) => diskElement(disk.path, targetName(index))),
    interface: interfaceElements(plan.nics),
    serial: {
      '@type': 'pty',
      log: { '@file': files.serialLogPath, '@append': 'on' },
      target: { '@port': 0 },
    },
    channel: {
      '@type': 'unix',
      source: { '@mode': 'bind', '@path': files.agentSocketPath },
      target: { '@type': 'virtio', '@name': AGENT_PORT },
    },
    graphics: {
      '@type': 'vnc',
      listen: { '@type': 'socket', '@socket': files.vncSocketPath },
    },
    video: { model: { '@type': 'vga', '@vram': 16384 } },
    rng: { '@model': 'virtio', backend: { '@model': 'random', '#text': '/dev/urandom' } },
    memballoon: { '@model': 'virtio' },
  }
}

/** XML 1.0 cannot hold most control characters, not even escaped, nor half of a surrogate pair. */
function plainText(text: string): string {
  return text.toWellFormed().replaceAll(/[^\P{Cc}\t\n\r\x7f-\x9f]|[\ufffe\uffff]/gu, '\ufffd')
}

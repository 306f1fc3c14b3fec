import { createHash } from 'node:crypto'
import { AGENT_PORT } from '@landfall/model'
import type { LaunchPlan } from '../launch-plan.ts'
import { diskElement, diskMark, domainDisks, ioThreads } from './disk-xml.ts'
import type { FirmwareFiles } from './firmware.ts'
import { qemuElements, interfaceElements, QEMU_NAMESPACE } from './network-xml.ts'
import { plainText, toXml } from './xml.ts'

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
  /** Where the plan asks for UEFI: the firmware, and the instance's own variables. */
  readonly uefi?: FirmwareFiles & { readonly variablesPath: string }
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
      ...ioThreads(domainDisks(plan.disks)),
      os: operatingSystem(plan, files),
      features: {
        acpi: '',
        ...(files.uefi?.needsSmm && { smm: { '@state': 'on' } }),
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

/** BIOS servers keep the chipset they boot with everywhere; UEFI with Secure Boot needs q35. */
function operatingSystem(plan: LaunchPlan, { uefi }: DomainFiles): object {
  const type = { '@arch': 'x86_64', '#text': 'hvm' }
  const boot = { '@dev': 'hd' }
  if (uefi === undefined) return { type: { ...type, '@machine': 'pc' }, boot }
  return {
    type: { ...type, '@machine': 'q35' },
    loader: {
      '@readonly': 'yes',
      '@type': 'pflash',
      '@secure': uefi.needsSmm ? 'yes' : 'no',
      '#text': uefi.code,
    },
    nvram: { '@template': uefi.variables, '#text': uefi.variablesPath },
    boot,
  }
}

function metadata(plan: LaunchPlan): object {
  const tags = Object.entries(plan.tags).map(([key, value]) => ({
    '@key': plainText(key),
    '@value': plainText(value),
  }))
  return {
    'landfall:instance': {
      '@xmlns:landfall': METADATA_URI,
      '@id': plan.instanceID,
      '@type': plainText(plan.instanceType),
      'landfall:disk': domainDisks(plan.disks).map(diskMark),
      'landfall:tag': tags,
    },
  }
}

function devices(plan: LaunchPlan, files: DomainFiles): object {
  return {
    disk: domainDisks(plan.disks).map(diskElement),
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

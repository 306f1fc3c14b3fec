import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface MachineDisk {
  readonly path: string
  readonly format: 'raw' | 'qcow2'
}

/** What a source server runs on. */
export interface Hardware {
  readonly machine: 'pc' | 'q35'
  readonly firmware: 'bios' | 'uefi' | 'secure-boot'
  /** QEMU's devices that the disks are attached to. */
  readonly controllers: readonly string[]
  /** QEMU's device of the disk at an index, with the drive of this ID. */
  readonly disk: (driveID: string, index: number) => string
  /** QEMU's model of the network card, which is in slot 3. */
  readonly card: string
}

/** A 2009 PC with SATA disks and an Intel card, nothing of it paravirtual. */
export const FOREIGN_HARDWARE: Hardware = {
  machine: 'pc',
  firmware: 'bios',
  controllers: ['ich9-ahci,id=sata,addr=0x5'],
  disk: (driveID, index) => `ide-hd,drive=${driveID},bus=sata.${index}`,
  card: 'e1000',
}

/** Debian's OVMF: the firmware, and the variables a machine begins with. */
const FIRMWARE = {
  uefi: ['OVMF_CODE_4M.fd', 'OVMF_VARS_4M.fd'],
  'secure-boot': ['OVMF_CODE_4M.ms.fd', 'OVMF_VARS_4M.ms.fd'],
} as const
const FIRMWARE_DIR = '/usr/share/OVMF'

/**
 * QEMU's arguments for a machine with these disks; what its firmware writes goes into `folder`.
 * `forward` is a `hostfwd` such as `tcp:127.0.0.1:2222-:22`.
 */
export async function hardwareArguments(
  hardware: Hardware,
  options: { disks: readonly MachineDisk[]; forward: string; folder: string },
): Promise<string[]> {
  const { disks, forward, folder } = options
  const isSecure = hardware.firmware === 'secure-boot'
  return [
    ...['-machine', `${hardware.machine}${isSecure ? ',smm=on' : ''}`],
    ...(await firmwareArguments(hardware, folder)),
    ...hardware.controllers.flatMap((controller) => ['-device', controller]),
    ...disks.flatMap(({ path, format }, index) => [
      ...['-drive', `if=none,id=disk${index},file=${path},format=${format},cache=writeback`],
      ...['-device', `${hardware.disk(`disk${index}`, index)}${index === 0 ? ',bootindex=0' : ''}`],
    ]),
    ...['-netdev', `user,id=net0,hostfwd=${forward}`],
    ...['-device', `${hardware.card},netdev=net0,addr=0x3`],
  ]
}

async function firmwareArguments({ firmware }: Hardware, folder: string): Promise<string[]> {
  if (firmware === 'bios') return []
  const [code, template] = FIRMWARE[firmware]
  const variables = join(folder, 'firmware-variables.fd')
  await copyFile(join(FIRMWARE_DIR, template), variables)
  return [
    ...(firmware === 'secure-boot'
      ? ['-global', 'driver=cfi.pflash01,property=secure,value=on']
      : []),
    ...['-drive', `if=pflash,unit=0,format=raw,readonly=on,file=${join(FIRMWARE_DIR, code)}`],
    ...['-drive', `if=pflash,unit=1,format=raw,file=${variables}`],
  ]
}

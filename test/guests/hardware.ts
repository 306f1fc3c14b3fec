import type { Hardware } from '@landfall/cli'
import type { GuestCell } from './cell.ts'

type Controller = Pick<Hardware, 'controllers' | 'disk'>

/** QEMU's devices for the disks of a source. */
const CONTROLLERS: Readonly<Record<GuestCell['hardware'], Controller>> = {
  sata: {
    controllers: ['ich9-ahci,id=sata,addr=0x5'],
    disk: (id, index) => `ide-hd,drive=${id},bus=sata.${index}`,
  },
  ide: {
    controllers: [],
    disk: (id, index) => `ide-hd,drive=${id},bus=ide.${index}`,
  },
  lsi: {
    controllers: ['lsi53c895a,id=scsi,addr=0x5'],
    disk: (id, index) => `scsi-hd,drive=${id},bus=scsi.0,scsi-id=${index}`,
  },
  'virtio-scsi': {
    controllers: ['virtio-scsi-pci,id=scsi,addr=0x5'],
    disk: (id, index) => `scsi-hd,drive=${id},bus=scsi.0,scsi-id=${index}`,
  },
  nvme: {
    controllers: [],
    disk: (id, index) => `nvme,drive=${id},serial=${id},addr=0x${5 + index}`,
  },
  virtio: {
    controllers: [],
    disk: (id, index) => `virtio-blk-pci,drive=${id},addr=0x${5 + index}`,
  },
}

/** What a cell's source runs on. */
export function hardwareOf(cell: GuestCell): Hardware {
  return {
    machine: cell.firmware === 'bios' ? 'pc' : 'q35',
    firmware: cell.firmware,
    ...CONTROLLERS[cell.hardware],
    card: cell.hardware === 'virtio' ? 'virtio-net-pci' : 'e1000',
  }
}

/** How udev calls the card in slot 3. */
export function interfaceOf(cell: GuestCell): string {
  return cell.firmware === 'bios' ? 'ens3' : 'enp0s3'
}

/** How the source's kernel calls a disk, as its fstab may. */
export function diskNameOf(cell: GuestCell, index: number): string {
  if (cell.hardware === 'nvme') return `/dev/nvme${index}n1`
  return `/dev/${cell.hardware === 'virtio' ? 'vd' : 'sd'}${'ab'.charAt(index)}`
}

/**
 * Of thousands of kernel modules only those are facts that decide whether a system comes up on
 * another machine: the drivers of KVM's devices, and those of the disks it may have had before.
 */
const OF_OTHER_HARDWARE = new Set([
  'ahci',
  'ata_piix',
  'e1000',
  'e1000e',
  'hv_netvsc',
  'hv_storvsc',
  'hv_vmbus',
  'mptspi',
  'nvme',
  'sd_mod',
  'vmw_pvscsi',
  'vmxnet3',
  'xen_blkfront',
  'xen_netfront',
])

export function ofInterest(modules: Iterable<string>): string[] {
  const matter = [...new Set(modules)].filter((name) => {
    return name.startsWith('virtio') || OF_OTHER_HARDWARE.has(name)
  })
  return matter.toSorted()
}

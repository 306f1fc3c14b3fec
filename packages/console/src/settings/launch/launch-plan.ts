import { type InterfacePlan, MIB, type PlannedDisk } from '@landfall/model'

/** What becomes of one of the source's interfaces, in words. */
export function interfaceWords(planned: InterfacePlan): string {
  switch (planned.target) {
    case 'DHCP':
      return `${planned.name}: address by DHCP`
    case 'NOT_ATTACHED':
      return `${planned.name}: not attached`
    case 'STATIC':
      return `${planned.name}: keeps ${planned.settings.addresses.join(', ')}`
  }
}

/** What a disk is limited to, in words. */
export function diskLimitWords(disk: PlannedDisk): string {
  const { iopsMax, bytesPerSecondMax, hasOwnThread } = disk
  const parts = [
    iopsMax === undefined ? undefined : `at most ${iopsMax} operations a second`,
    bytesPerSecondMax === undefined ? undefined : `at most ${bytesPerSecondMax / MIB} MiB a second`,
    hasOwnThread === true ? 'a thread of its own' : undefined,
  ].filter((part) => part !== undefined)
  return parts.join(', ') || 'no limit'
}

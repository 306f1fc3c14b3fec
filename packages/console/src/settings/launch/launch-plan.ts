import { type InterfaceSettings, MIB } from '@landfall/model'

export type Purpose = 'TEST' | 'CUTOVER'

/** What a launch would make of a server now, as GetLaunchPlan tells it. */
export interface LaunchPlan {
  readonly purpose: Purpose
  readonly name: string
  readonly instanceType: string
  readonly typeReason: string
  /** Absent where there is no such type. */
  readonly vcpus?: number
  readonly memoryMiB?: number
  /** Also where it is off; absent until an agent has looked at the source. */
  readonly rightSizing?: { readonly instanceType: string; readonly reason: string }
  readonly firmware: 'bios' | 'uefi'
  readonly secureBoot: boolean
  readonly disks: readonly PlannedDisk[]
  /** Absent where it cannot be planned; a problem says why. */
  readonly network?: {
    readonly network: { readonly name: string; readonly kind: string }
    readonly interfaces: readonly PlannedInterface[]
  }
  readonly tags: Readonly<Record<string, string>>
  readonly start: boolean
  readonly terminationProtection: boolean
  /** Instances that the launch would remove first. */
  readonly removes: readonly string[]
  readonly notes: readonly string[]
  /** Why it cannot be launched at this moment; one of the problems. */
  readonly refusal?: string
  readonly problems: readonly string[]
}

export interface PlannedDisk {
  readonly deviceName: string
  readonly bytes: number
  readonly volumeType?: string
  readonly iopsMax?: number
  readonly bytesPerSecondMax?: number
  readonly hasOwnThread?: true
}

export type PlannedInterface = { readonly name: string } & (
  | { readonly target: 'DHCP' | 'NOT_ATTACHED' }
  | { readonly target: 'STATIC'; readonly settings: InterfaceSettings }
)

/** What becomes of one of the source's interfaces, in words. */
export function interfaceWords(planned: PlannedInterface): string {
  switch (planned.target) {
    case 'DHCP':
      return `${planned.name}: address by DHCP`
    case 'NOT_ATTACHED':
      return `${planned.name}: not attached`
    case 'STATIC':
      return `${planned.name}: keeps ${planned.settings.addresses.join(', ')}`
  }
}

/** Firmware in words. */
export function firmwareWords({ firmware, secureBoot }: LaunchPlan): string {
  if (firmware === 'bios') return 'BIOS'
  return `UEFI, Secure Boot ${secureBoot ? 'on' : 'off'}`
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

export { bootsKernel, detectAccelerator, readableKernel } from './accelerator.ts'
export type { Accelerator, AcceleratorChoice, AcceleratorOptions } from './accelerator.ts'
export { INSTANCE_TYPES, instanceTypeNamed, recommendInstanceType } from './instance-types.ts'
export type { InstanceType } from './instance-types.ts'
export {
  createLaunchPlan,
  hostCut,
  instanceSize,
  launchPlanProblems,
  macAddressOf,
} from './launch-plan.ts'
export type { Firmware, InstanceSize, LaunchPlan, LaunchPlanInput } from './launch-plan.ts'
export { ensureLibvirt } from './libvirt/daemons.ts'
export type { LibvirtDaemons, LibvirtOptions } from './libvirt/daemons.ts'
export { LibvirtProvider } from './libvirt/libvirt-provider.ts'
export type { LibvirtProviderOptions } from './libvirt/libvirt-provider.ts'
export { MemoryProvider } from './memory-provider.ts'
export type {
  ImageDisk,
  ImageOptions,
  IndependenceOptions,
  InstanceDescription,
  InstanceDisk,
  Provider,
} from './provider.ts'
export { parseNetwork } from './network/ipv4.ts'
export { planNetwork, plannedSettings } from './network/network-plan.ts'
export { nicNetwork } from './network/target-network.ts'
export { ProgramFailed, runProgram } from './run-program.ts'
export type { ProgramOptions } from './run-program.ts'
export { diskHintsOf } from './volume-hints.ts'
export type { DiskHints, VolumeSettings } from './volume-hints.ts'

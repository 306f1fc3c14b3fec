export { bootedImage, driversNeeded, kernelNeeds } from './drivers-needed.ts'
export type { DriversNeeded } from './drivers-needed.ts'
export { FACTS_LIST_MAX, FACTS_TEXT_MAX } from './facts/bounded.ts'
export { HARDWARE_NAME, isHardwareName } from './facts/hardware-name.ts'
export { BOOT_LOADERS, NETWORK_MANAGERS } from './facts/guest-facts.ts'
export type * from './facts/guest-facts.ts'
export { readGuestFacts } from './facts/read-guest-facts.ts'
export type { GuestFactsOptions } from './facts/read-guest-facts.ts'
export type {
  FilePart,
  FilesystemSpace,
  GuestFiles,
  GuestReader,
  GuestSystem,
} from './guest-files.ts'
export { readInitramfs } from './initramfs/read-initramfs.ts'
export type { InitramfsContents } from './initramfs/read-initramfs.ts'
export { MemoryGuest } from './memory-guest.ts'
export { runPreflight } from './preflight/run-preflight.ts'
export type { PreflightContext } from './preflight/rule.ts'
export { RunningGuest } from './running-guest.ts'
/** For tests of what is done to guests, as MemoryGuest is. */
export {
  debian as debianFixture,
  ramdisk as ramdiskFixture,
  unifiedDebian as unifiedDebianFixture,
  VERSION as KERNEL_FIXTURE,
} from './facts/guest.fixture.ts'

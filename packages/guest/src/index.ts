export type { GuestFiles, GuestReader, GuestSystem } from './guest-files.ts'
export { MemoryGuest } from './memory-guest.ts'

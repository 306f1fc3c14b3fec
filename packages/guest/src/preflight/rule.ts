import type { PreflightFinding, PreflightSeverity } from '@landfall/model'
import type { GuestFacts } from '../facts/guest-facts.ts'

/** What the facts of a guest are held against. */
export interface PreflightContext {
  /** The disks that are replicated. */
  readonly disks: readonly {
    readonly deviceName: string
    readonly isBootDisk: boolean
    readonly bytes: number
  }[]
  readonly firmware: 'bios' | 'uefi'
  /** Whether a passphrase is kept for its encrypted disks. */
  readonly hasPassphrase: boolean
  /** What the launch settings come to, and what the target can give, as they are now. */
  readonly launch: {
    /** Why a test or a cutover would be refused, a sentence each. */
    readonly problems: readonly string[]
    /** Of an instance; absent where its type is none. */
    readonly sizes?: { readonly asked: InstanceSize; readonly given: InstanceSize }
  }
}

interface InstanceSize {
  readonly vcpus: number
  readonly memoryMiB: number
}

/** One thing to look for. Rules are data: they are listed, and documented, as they are. */
export interface PreflightRule {
  /** Stays the same for ever: programs know it. */
  readonly id: string
  readonly severity: PreflightSeverity
  readonly about: PreflightFinding['about']
  /** What is so when it applies, as a sentence. */
  readonly title: string
  readonly remedy: string
  /** The things it applies to, maybe none; undefined: it does not apply. */
  readonly check: (facts: GuestFacts, context: PreflightContext) => readonly string[] | undefined
}

/** No disk of memory, of a file or of a drive. */
export function canBeReplicated(deviceName: string): boolean {
  return !/^\/dev\/(loop|sr|zram|ram|fd)/.test(deviceName)
}

/** For rules about a list: they apply when it has something. */
export function some(details: readonly string[]): readonly string[] | undefined {
  return details.length > 0 ? details : undefined
}

/** For rules without a list. */
export function when(
  applies: boolean,
  ...details: readonly string[]
): readonly string[] | undefined {
  return applies ? details : undefined
}

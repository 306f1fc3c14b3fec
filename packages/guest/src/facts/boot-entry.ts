import type { UnifiedImage } from '../unified/unified-image.ts'

/** What a boot loader offers to start. */
export interface BootEntry {
  readonly id: string
  readonly title: string
  /** As the boot loader names it: from the top of its own partition. */
  readonly kernelPath: string
  readonly initramfsPaths: readonly string[]
  readonly commandLine: string
  /** When the entry itself names it; of a unified image that of its system. */
  readonly version?: string
  /** By which systemd's boot loader puts entries of one system together, and before others. */
  readonly sortKey?: string
  /** Of a unified image, which is kernel and all. */
  readonly image?: UnifiedImage
}

/** Which entry is started when nobody chooses, by whose word; or why that is unclear. */
export type DefaultEntry =
  | {
      readonly kind: 'known'
      readonly entry: BootEntry
      readonly decidedBy: 'grub' | 'bls' | 'systemd-boot' | 'firmware'
    }
  | { readonly kind: 'unclear'; readonly why: string }
  /** There are no entries at all. */
  | { readonly kind: 'none' }

export type ImageState = 'PENDING' | 'AVAILABLE' | 'FAILED' | 'DEREGISTERED'

/**
 * `Copied`: all its files are there, and durable. `NotCopied`: there will be none, as it could not
 * be copied, or nobody waits for it any more. `Deregistered`: its files are deleted, and it is
 * forgotten.
 */
export type ImageEvent = 'Copied' | 'NotCopied' | 'Deregistered'

/**
 * The life of an image of an instance, as one table. Nothing else in the project decides which move
 * is legal.
 */
export const IMAGE_TRANSITIONS: Readonly<
  Record<ImageEvent, { readonly from: readonly ImageState[]; readonly to: ImageState }>
> = {
  Copied: { from: ['PENDING'], to: 'AVAILABLE' },
  NotCopied: { from: ['PENDING'], to: 'FAILED' },
  Deregistered: { from: ['PENDING', 'AVAILABLE', 'FAILED'], to: 'DEREGISTERED' },
}

/** One image, as ListImages shows it. */
export interface ImageView {
  readonly imageID: string
  readonly name: string
  readonly state: ImageState
  readonly failureReason?: string
  readonly instanceID: string
  readonly createdAt: string
  /** None before it is AVAILABLE. */
  readonly disks: readonly {
    readonly deviceName: string
    readonly path: string
    /** What a guest sees of it. */
    readonly sizeBytes: number
    /** What its file takes. */
    readonly fileBytes: number
  }[]
}

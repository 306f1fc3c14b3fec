/**
 * The life of an image of an instance, as one table. Nothing else in the project decides which move
 * is legal.
 */
export const IMAGE_STATES = ['PENDING', 'AVAILABLE', 'FAILED', 'DEREGISTERED'] as const

export type ImageState = (typeof IMAGE_STATES)[number]

export const IMAGE_EVENTS = [
  /** All its files are there, and durable. */
  'Copied',
  /** There will be none: it could not be copied, or nobody waits for it any more. */
  'NotCopied',
  /** DeregisterImage. Its files are deleted then, and it is forgotten. */
  'Deregistered',
] as const

export type ImageEvent = (typeof IMAGE_EVENTS)[number]

export interface ImageTransition {
  readonly event: ImageEvent
  readonly from: readonly ImageState[]
  readonly to: ImageState
}

/** What is not in a row is illegal. */
export const IMAGE_TRANSITIONS: readonly ImageTransition[] = [
  { event: 'Copied', from: ['PENDING'], to: 'AVAILABLE' },
  { event: 'NotCopied', from: ['PENDING'], to: 'FAILED' },
  { event: 'Deregistered', from: ['PENDING', 'AVAILABLE', 'FAILED'], to: 'DEREGISTERED' },
]

/** The row for the event. */
export function imageTransition(event: ImageEvent): ImageTransition {
  return IMAGE_TRANSITIONS.find((row) => row.event === event)!
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

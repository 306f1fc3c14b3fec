import type { Accelerator } from '@landfall/launch'
import type { CommandContext } from '../commands/context.ts'
import type { DemoOptions } from '../commands/demo.ts'
import type { PointView } from '@landfall/model'
import type { ServiceClient } from '../service-client/service-client.ts'
import type { AcknowledgedRecords } from './acknowledged-records.ts'
import type { GuestImage } from './guest-image.ts'
import type { Operator } from './operator.ts'
import type { SourceMachine } from './source-machine.ts'

/** What the stages of the demo build up and pass on; each field is set by the stage it names. */
export interface Scene {
  readonly context: CommandContext
  readonly options: DemoOptions
  /** Everything of this run: data directory, the source's disk and its serial log. */
  readonly folder: string
  readonly dataDir: string
  readonly port: number
  readonly replicationPort: number
  readonly accelerator: Accelerator
  /** Ended in reverse order when the story is over. */
  readonly onEnd: AsyncDisposableStack
  image?: GuestImage
  source?: SourceMachine
  writer?: AcknowledgedRecords
  client?: ServiceClient
  operator?: Operator
  installerKey?: { readonly accessKeyId: string; readonly secretAccessKey: string }
  sourceServerID?: string
  instanceID?: string
  region?: string
  /** The launch last made: its point, and the newest record sure to be older than that. */
  launch?: { readonly point: PointView; readonly acknowledged: number }
  /** Of the points launched from, in milliseconds. */
  readonly freezes: number[]
  /** The replication figures, read before the cutover was finalised. */
  traffic?: { readonly readBytes: number; readonly wireBytes: number }
}

/** A field of the scene that an earlier stage has set. */
export function present<Key extends keyof Scene>(scene: Scene, key: Key): NonNullable<Scene[Key]> {
  const value = scene[key]
  if (value === undefined || value === null) throw new Error(`The demo has no ${key} yet`)
  return value
}

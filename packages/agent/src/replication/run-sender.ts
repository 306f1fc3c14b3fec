import { availableParallelism } from 'node:os'
import { crc32 } from 'node:zlib'
import { HEADER_BYTES } from '@landfall/wire'
import type { Extent } from '@landfall/block'
import type { Compressor } from './compressor.ts'
import type { Request, Session } from './session.ts'
import type { StageMeter } from './stage-meter.ts'
import type { Throttle } from './throttle.ts'

/** Node compresses in four threads, and no more at once than there are CPUs. */
const COMPRESSIONS_MAX = Math.min(4, availableParallelism())

export interface RunSenderOptions {
  readonly session: Session
  readonly throttle: Throttle
  readonly compressor: Compressor
  readonly counters: { wireBytes: number }
  readonly stages: StageMeter
  readonly signal: AbortSignal
}

/** Brings one run of bytes at a time onto the wire: compressed, throttled, and measured. */
export class RunSender {
  readonly #options: RunSenderOptions

  constructor(options: RunSenderOptions) {
    this.#options = options
  }

  /**
   * Returns when the bytes have left and may be reused; undefined when the signal was aborted
   * before. Without content the run is zeros. `onSend` is called right before they leave.
   */
  async send(
    place: Extent & { readonly disk: number },
    content: { readonly type: 'data' | 'scatter'; readonly bytes: Buffer } | undefined,
    onSend: () => void,
  ): Promise<Request | undefined> {
    const { session, counters, stages } = this.#options
    const packed = content === undefined ? undefined : await this.#compress(content.bytes)
    const wireBytes = HEADER_BYTES + (packed ?? content?.bytes ?? []).length
    const ended = stages.begin('wire', 1)
    let left = 0
    try {
      if (!(await this.#mayLeave(wireBytes))) return undefined
      counters.wireBytes += wireBytes
      onSend()
      const request =
        content === undefined
          ? session.request('zero', place)
          : session.request(content.type, {
              ...place,
              compressed: packed !== undefined,
              checksum: crc32(content.bytes),
              payload: packed ?? content.bytes,
            })
      // Awaited later; a rejection before that is no unhandled one.
      request.answered.catch(() => undefined)
      await request.sent
      left = wireBytes
      return request
    } finally {
      ended(left)
    }
  }

  async #compress(content: Buffer): Promise<Uint8Array | undefined> {
    const ended = this.#options.stages.begin('compress', 1 / COMPRESSIONS_MAX)
    try {
      return await this.#options.compressor.compress(content)
    } finally {
      ended(content.length)
    }
  }

  /** Waits for the throttle; false when the signal is aborted. */
  async #mayLeave(wireBytes: number): Promise<boolean> {
    const { throttle, stages, signal } = this.#options
    const ended = stages.begin('throttle', 1)
    try {
      await throttle.take(wireBytes, signal)
      return true
    } catch {
      return false
    } finally {
      ended(0)
    }
  }
}

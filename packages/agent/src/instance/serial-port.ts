import { constants, open, type FileHandle } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** More than the guest's driver gives at once. */
const READ_BYTES = 64 * 1024

/**
 * A character device cannot be waited for without a thread that nothing could end, so it is looked
 * at: soon after something happened, and 4 times a second while nothing does, which costs nothing.
 */
const PAUSE_MS_MIN = 5
const PAUSE_MS_MAX = 250
const PAUSE_GROWTH = 1.5

export interface SerialPortEvents {
  readonly onBytes: (bytes: Uint8Array) => void
  /** Nobody is at the other end (any more). Said once until somebody was heard of again. */
  readonly onGone: () => void
}

/** A virtio-serial port, of which only one program may be the user. */
export class SerialPort {
  readonly #handle: FileHandle
  readonly #events: SerialPortEvents
  readonly #closing = new AbortController()
  #pauseMs = PAUSE_MS_MIN
  /** Writes come one after another. */
  #written: Promise<void> = Promise.resolve()

  private constructor(handle: FileHandle, events: SerialPortEvents) {
    this.#handle = handle
    this.#events = events
  }

  /** Throws when there is no such port, or another program has it. */
  static async open(path: string, events: SerialPortEvents): Promise<SerialPort> {
    const { O_RDWR, O_NONBLOCK, O_NOCTTY } = constants
    const port = new SerialPort(await open(path, O_RDWR | O_NONBLOCK | O_NOCTTY), events)
    void port.#readLoop()
    return port
  }

  /** No event comes any more. May be called again. */
  close(): void {
    this.#closing.abort()
  }

  get isClosed(): boolean {
    return this.#closing.signal.aborted
  }

  /** Returns once the bytes are on their way; when the signal is aborted part of them may be. */
  async write(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const either = AbortSignal.any([signal, this.#closing.signal])
    const mine = this.#written.then(() => this.#write(bytes, either))
    this.#written = mine.catch(() => undefined)
    await mine
  }

  async #write(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    let at = 0
    while (at < bytes.length) {
      signal.throwIfAborted()
      const written = await this.#attempt(() => this.#handle.write(bytes, at, bytes.length - at))
      at += written?.bytesWritten ?? 0
      // An answer is to be expected soon.
      this.#pauseMs = PAUSE_MS_MIN
      if (written === undefined) await sleep(PAUSE_MS_MIN, undefined, { signal })
    }
  }

  async #readLoop(): Promise<void> {
    const { signal } = this.#closing
    const buffer = new Uint8Array(READ_BYTES)
    let isGone = false
    try {
      while (!signal.aborted) {
        const read = await this.#attempt(() => this.#handle.read(buffer, 0, READ_BYTES, null))
        if (signal.aborted) break
        if (read !== undefined && read.bytesRead > 0) {
          isGone = false
          this.#pauseMs = PAUSE_MS_MIN
          this.#events.onBytes(buffer.slice(0, read.bytesRead))
          continue
        }
        // The driver's way to say that the host's end is not open.
        if (read !== undefined && !isGone) this.#events.onGone()
        isGone = read !== undefined
        await sleep(this.#pauseMs, undefined, { signal })
        this.#pauseMs = Math.min(this.#pauseMs * PAUSE_GROWTH, PAUSE_MS_MAX)
      }
    } catch {
      // The device was taken away, or the port is being closed: gone, either way.
    }
    this.close()
    this.#events.onGone()
    await this.#written
    await this.#handle.close().catch(() => undefined)
  }

  /** Undefined: not now. */
  async #attempt<T>(call: () => Promise<T>): Promise<T | undefined> {
    try {
      return await call()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined
      throw error
    }
  }
}

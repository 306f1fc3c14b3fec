import assert from 'node:assert/strict'
import type { Extent } from '@landfall/block'

/** The extents of one disk that were written there and are not durable yet. */
export class Unflushed {
  #waiting: Extent[] = []
  #waitingBytes = 0
  /** What the flush under way is about. */
  #flushing: Extent[] = []
  #flushingBytes = 0

  /** Bytes that are in no flush yet. */
  get waitingBytes(): number {
    return this.#waitingBytes
  }

  get waitingExtents(): number {
    return this.#waiting.length
  }

  /** Bytes in the flush under way. */
  get flushingBytes(): number {
    return this.#flushingBytes
  }

  add(extent: Extent): void {
    this.#waiting.push(extent)
    this.#waitingBytes += extent.length
  }

  /** A flush begins, about all there is. `end` or `fail` must follow before the next. */
  begin(): void {
    assert(this.#flushing.length === 0, 'one flush at a time')
    this.#flushing = this.#waiting
    this.#flushingBytes = this.#waitingBytes
    this.#waiting = []
    this.#waitingBytes = 0
  }

  /** The extents that the flush has made durable. */
  end(): readonly Extent[] {
    const durable = this.#flushing
    this.#flushing = []
    this.#flushingBytes = 0
    return durable
  }

  /** The next flush is about all of it. */
  fail(): void {
    this.#waitingBytes += this.#flushingBytes
    this.#waiting = [...this.end(), ...this.#waiting]
  }

  /** Everything, in flushes or not, which is forgotten here. */
  takeAll(): readonly Extent[] {
    this.fail()
    this.begin()
    return this.end()
  }
}

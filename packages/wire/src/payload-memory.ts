/** Where payloads are put as they arrive. */
export interface PayloadMemory {
  /** Memory of exactly so many bytes, with anything in it. */
  take(bytes: number): Buffer
  /** Nobody looks at the payload any more. Payloads from elsewhere are ignored. */
  give(payload: Uint8Array): void
  /** Bytes of memory that a payload of this length takes. */
  cost(bytes: number): number
}

/** Each payload in memory of its own, which the garbage collector takes back. */
export const FRESH_MEMORY: PayloadMemory = {
  take: (bytes) => Buffer.allocUnsafeSlow(bytes),
  give: () => undefined,
  cost: (bytes) => bytes,
}

/** Below this, looking for used memory costs more than new memory. */
const REUSED_BYTES_MIN = 32 * 1024

/** Memory kept for the next payloads: the windows of two busy agents. */
const FREE_BYTES_MAX = 32 * 1024 * 1024

/**
 * Uses the memory of earlier payloads again. New memory for each would keep the garbage collector
 * at work, and the kernel clearing pages.
 */
export class ReusedMemory implements PayloadMemory {
  /** By size, which is a power of two: a payload takes less than twice its length. */
  readonly #free = new Map<number, Buffer[]>()
  /** Whoever forgets to give back costs nothing but the garbage collector's work. */
  readonly #lent = new WeakMap<ArrayBufferLike, Buffer>()
  #freeBytes = 0

  take(bytes: number): Buffer {
    if (bytes < REUSED_BYTES_MIN) return FRESH_MEMORY.take(bytes)
    const size = this.cost(bytes)
    let memory = this.#free.get(size)?.pop()
    if (memory === undefined) memory = FRESH_MEMORY.take(size)
    else this.#freeBytes -= size
    this.#lent.set(memory.buffer, memory)
    return memory.subarray(0, bytes)
  }

  give(payload: Uint8Array): void {
    const memory = this.#lent.get(payload.buffer)
    if (memory === undefined) return
    this.#lent.delete(payload.buffer)
    if (this.#freeBytes + memory.length > FREE_BYTES_MAX) return
    this.#freeBytes += memory.length
    const free = this.#free.get(memory.length)
    if (free === undefined) this.#free.set(memory.length, [memory])
    else free.push(memory)
  }

  cost(bytes: number): number {
    return bytes < REUSED_BYTES_MIN ? bytes : 2 ** Math.ceil(Math.log2(bytes))
  }
}

import assert from 'node:assert/strict'

// Part of every Node, but declared only by TypeScript's browser library.
declare const WebAssembly: {
  Memory: new (shape: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer }
}

/** WebAssembly memory comes in pages of 64 KiB. */
const WASM_PAGE_BYTES = 65536

/**
 * Page-aligned memory for O_DIRECT, zeroed. Plain Node has none (its buffers are 16-byte aligned);
 * WebAssembly memory begins on a page. Pages that nobody touches take no memory.
 */
export function alignedBuffer(sizeBytes: number): Buffer<ArrayBuffer> {
  const pages = Math.ceil(sizeBytes / WASM_PAGE_BYTES)
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
  return Buffer.from(memory.buffer, 0, sizeBytes)
}

/** A fixed number of aligned buffers: who wants one waits until one is free. */
export class BufferPool {
  readonly bufferBytes: number
  readonly #free: Buffer[]
  readonly #waiting: ((buffer: Buffer) => void)[] = []

  constructor(count: number, bufferBytes: number) {
    assert(bufferBytes % 4096 === 0, 'a buffer that is not whole pages would misalign the next')
    this.bufferBytes = bufferBytes
    const arena = alignedBuffer(count * bufferBytes)
    this.#free = Array.from({ length: count }, (_, index) =>
      arena.subarray(index * bufferBytes, (index + 1) * bufferBytes),
    )
  }

  /** Lends a buffer until the handle is disposed; its old content is still in it. */
  async lend(): Promise<LentBuffer> {
    const { promise, resolve } = Promise.withResolvers<Buffer>()
    const free = this.#free.pop()
    if (free === undefined) this.#waiting.push(resolve)
    else resolve(free)
    const bytes = await promise
    return { bytes, [Symbol.dispose]: () => this.#giveBack(bytes) }
  }

  #giveBack(buffer: Buffer): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#free.push(buffer)
    else next(buffer)
  }
}

export interface LentBuffer extends Disposable {
  readonly bytes: Buffer
}

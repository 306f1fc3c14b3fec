import assert from 'node:assert/strict'
import { GRANULE_BYTES } from '@landfall/model'
import { endOf, type Extent } from './extent.ts'

/** 2 TiB in 4 KiB granules take 64 MiB of map; a larger disk gets larger granules instead. */
export const MAP_GRANULES_MAX = 2 ** 29

const WORD_BITS = 32
const ALL_ONES = 0xffffffff

/** The granule for a disk of this size: 4 KiB up to 2 TiB, doubled from there. */
export function granuleBytesFor(sizeBytes: number): number {
  let granuleBytes = GRANULE_BYTES
  while (Math.ceil(sizeBytes / granuleBytes) > MAP_GRANULES_MAX) granuleBytes *= 2
  return granuleBytes
}

/**
 * Which granules of a disk differ from the replica: one bit each, and one summary bit per word, so
 * that an empty stretch of 128 GiB costs 32 Ki steps and not 32 Mi.
 */
export class DirtyMap {
  readonly sizeBytes: number
  readonly granuleBytes: number
  readonly #granules: number
  readonly #words: Uint32Array
  /** A clear bit says that the word is zero. */
  readonly #summary: Uint32Array
  #dirtyGranules = 0

  constructor(sizeBytes: number, granuleBytes = granuleBytesFor(sizeBytes)) {
    assert(sizeBytes > 0 && granuleBytes > 0)
    this.sizeBytes = sizeBytes
    this.granuleBytes = granuleBytes
    this.#granules = Math.ceil(sizeBytes / granuleBytes)
    this.#words = new Uint32Array(Math.ceil(this.#granules / WORD_BITS))
    this.#summary = new Uint32Array(Math.ceil(this.#words.length / WORD_BITS))
  }

  /** Bytes of dirty granules; the disk's last granule may count more than the disk has. */
  get dirtyBytes(): number {
    return Math.min(this.#dirtyGranules * this.granuleBytes, this.sizeBytes)
  }

  get isEmpty(): boolean {
    return this.#dirtyGranules === 0
  }

  /** Marks every granule that the range touches; what lies beyond the disk is ignored. */
  add(extent: Extent): void {
    const { first, end } = this.#granulesOf(extent)
    this.#eachWord(first, end, (index, mask) => {
      const before = this.#words[index] as number
      const after = (before | mask) >>> 0
      if (before === after) return
      this.#words[index] = after
      this.#dirtyGranules += onesIn(after) - onesIn(before)
      this.#summary[index >>> 5] = (this.#summary[index >>> 5] as number) | (1 << (index & 31))
    })
  }

  addAll(): void {
    this.add({ offset: 0, length: this.sizeBytes })
  }

  /** Clears every granule that the range touches. */
  remove(extent: Extent): void {
    const { first, end } = this.#granulesOf(extent)
    this.#eachWord(first, end, (index, mask) => {
      const before = this.#words[index] as number
      const after = (before & ~mask) >>> 0
      if (before === after) return
      this.#words[index] = after
      this.#dirtyGranules += onesIn(after) - onesIn(before)
      if (after === 0) this.#summary[index >>> 5]! &= ~(1 << (index & 31))
    })
  }

  clear(): void {
    this.#words.fill(0)
    this.#summary.fill(0)
    this.#dirtyGranules = 0
  }

  /** Whether any granule that the range touches is dirty. */
  touches(extent: Extent): boolean {
    const { first, end } = this.#granulesOf(extent)
    const found = this.#nextDirty(first)
    return found !== undefined && found < end
  }

  /**
   * The first dirty run at or after `fromOffset`, neighbours merged, at most `lengthMax` bytes (a
   * multiple of the granule). It stays marked: `remove` it *before* reading, so that a write during
   * the read marks it again.
   */
  find(fromOffset: number, lengthMax: number): Extent | undefined {
    const first = this.#nextDirty(Math.ceil(fromOffset / this.granuleBytes))
    if (first === undefined) return undefined
    const endMax = Math.min(first + Math.floor(lengthMax / this.granuleBytes), this.#granules)
    const end = this.#nextClean(first, endMax)
    const offset = first * this.granuleBytes
    return { offset, length: Math.min(end * this.granuleBytes, this.sizeBytes) - offset }
  }

  /** A map of the disk after it has grown; what was dirty is dirty in it. */
  enlarged(sizeBytes: number): DirtyMap {
    assert(sizeBytes >= this.sizeBytes)
    const larger = new DirtyMap(sizeBytes, Math.max(this.granuleBytes, granuleBytesFor(sizeBytes)))
    for (let from = 0; ;) {
      const extent = this.find(from, this.sizeBytes + this.granuleBytes)
      if (extent === undefined) return larger
      larger.add(extent)
      from = endOf(extent)
    }
  }

  /** The bits as bytes, for a state file; `restore` takes them back. */
  snapshot(): Uint8Array {
    return new Uint8Array(this.#words.buffer, 0, this.#words.byteLength)
  }

  /** Adds the bits of a snapshot of a map of the same size and granule. */
  restore(snapshot: Uint8Array): void {
    assert.equal(snapshot.byteLength, this.#words.byteLength)
    const words = new Uint32Array(new Uint8Array(snapshot).buffer)
    for (let index = 0; index < words.length; index++) {
      const word = ((words[index] as number) | (this.#words[index] as number)) >>> 0
      if (word === 0) continue
      this.#dirtyGranules += onesIn(word) - onesIn(this.#words[index] as number)
      this.#words[index] = word
      this.#summary[index >>> 5] = (this.#summary[index >>> 5] as number) | (1 << (index & 31))
    }
  }

  #granulesOf(extent: Extent): { first: number; end: number } {
    const first = Math.floor(extent.offset / this.granuleBytes)
    const end = Math.ceil((extent.offset + extent.length) / this.granuleBytes)
    return { first, end: Math.min(end, this.#granules) }
  }

  #eachWord(first: number, end: number, act: (index: number, mask: number) => void): void {
    for (let at = first; at < end;) {
      const index = Math.floor(at / WORD_BITS)
      const wordEnd = Math.min((index + 1) * WORD_BITS, end)
      const count = wordEnd - at
      const ones = count === WORD_BITS ? ALL_ONES : 2 ** count - 1
      act(index, (ones << (at & 31)) >>> 0)
      at = wordEnd
    }
  }

  #nextDirty(from: number): number | undefined {
    if (from >= this.#granules) return undefined
    let index = from >>> 5
    const rest = ((this.#words[index] as number) & (ALL_ONES << (from & 31))) >>> 0
    if (rest !== 0) return index * WORD_BITS + lowestOne(rest)
    index += 1
    let summaryIndex = index >>> 5
    if (summaryIndex >= this.#summary.length) return undefined
    let summary = ((this.#summary[summaryIndex] as number) & (ALL_ONES << (index & 31))) >>> 0
    while (summary === 0) {
      summaryIndex += 1
      if (summaryIndex >= this.#summary.length) return undefined
      summary = this.#summary[summaryIndex] as number
    }
    index = summaryIndex * WORD_BITS + lowestOne(summary)
    return index * WORD_BITS + lowestOne(this.#words[index] as number)
  }

  #nextClean(from: number, endMax: number): number {
    let at = from
    while (at < endMax) {
      const clean = (~(this.#words[at >>> 5] as number) & (ALL_ONES << (at & 31))) >>> 0
      if (clean !== 0) return Math.min((at >>> 5) * WORD_BITS + lowestOne(clean), endMax)
      at = ((at >>> 5) + 1) * WORD_BITS
    }
    return endMax
  }
}

function lowestOne(word: number): number {
  return 31 - Math.clz32(word & -word)
}

function onesIn(word: number): number {
  let rest = word - ((word >>> 1) & 0x55555555)
  rest = (rest & 0x33333333) + ((rest >>> 2) & 0x33333333)
  return Math.imul((rest + (rest >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

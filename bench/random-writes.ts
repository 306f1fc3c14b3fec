import { join } from 'node:path'
import { run } from '../test/installation.ts'

/** The file that is written to: larger than any cache in between. */
const FILE_BYTES = '1g'
/** Enough to keep a disk busy, as a database does. */
const QUEUE_DEPTH = 32
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024

/** fio's 4 KiB random writes, past the page cache, to one file of a folder. */
export class RandomWrites {
  readonly #folder: string
  readonly #signal: AbortSignal

  private constructor(folder: string, signal: AbortSignal) {
    this.#folder = folder
    this.#signal = signal
  }

  /** Lays the file out, so that later writes change data and nothing else. */
  static async prepare(folder: string, signal: AbortSignal): Promise<RandomWrites> {
    const writes = new RandomWrites(folder, signal)
    await writes.#fio(['--rw=write', '--bs=1m', '--iodepth=4', '--end_fsync=1'], signal)
    return writes
  }

  /** Writes for `seconds`, no faster than `iopsMax` when given; writes a second it came to. */
  async run(options: {
    readonly seconds: number
    readonly iopsMax?: number
    readonly signal?: AbortSignal
  }): Promise<number> {
    const { seconds, iopsMax, signal = this.#signal } = options
    const rate = iopsMax === undefined ? [] : [`--rate_iops=${Math.round(iopsMax)}`]
    const job = ['--rw=randwrite', '--bs=4k', `--iodepth=${QUEUE_DEPTH}`, ...rate]
    return await this.#fio(
      [...job, '--time_based', `--runtime=${seconds}`, '--randrepeat=0'],
      signal,
    )
  }

  async #fio(job: readonly string[], signal: AbortSignal): Promise<number> {
    const file = [`--filename=${join(this.#folder, 'fio')}`, `--size=${FILE_BYTES}`]
    const how = ['--ioengine=libaio', '--direct=1', '--refill_buffers', '--thread']
    const { stdout } = await run(
      'fio',
      ['--name=writes', ...file, ...how, ...job, '--output-format=json'],
      { signal, maxBuffer: OUTPUT_BYTES_MAX },
    )
    const result = JSON.parse(stdout) as { jobs: readonly { write: { iops: number } }[] }
    return result.jobs[0]?.write.iops ?? NaN
  }
}

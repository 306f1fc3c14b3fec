import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'

/** Bytes of one record: number, checksum of the number, newline, padded to one length. */
const RECORD_BYTES = 64

/** The record with this number: fixed length, so that a torn one shows. */
export function record(number: number): string {
  const digits = String(number).padStart(12, '0')
  const checksum = createHash('sha256').update(digits).digest('hex').slice(0, 48)
  return `${digits} ${checksum}`.padEnd(RECORD_BYTES - 1) + '\n'
}

/**
 * How many whole, right, gapless records `text` begins with; throws at a wrong one before its end.
 */
export function recordsIn(text: string): number {
  const count = Math.floor(text.length / RECORD_BYTES)
  for (let index = 0; index < count; index += 1) {
    const found = text.slice(index * RECORD_BYTES, (index + 1) * RECORD_BYTES)
    if (found !== record(index + 1)) throw new Error(`Record ${index + 1} is wrong: ${found}`)
  }
  return count
}

/** A process that appends records, makes each durable, and only then acknowledges it. */
export class RecordWriter {
  readonly #process: ChildProcess
  #acknowledged = 0

  private constructor(process: ChildProcess) {
    this.#process = process
    process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      for (const line of text.split('\n')) if (line !== '') this.#acknowledged = Number(line)
    })
  }

  /** `paths`: record n goes to path (n − 1) mod their number; one sequence over all of them. */
  static start(...paths: readonly string[]): RecordWriter {
    const program = `${import.meta.dirname}/write-records.ts`
    return new RecordWriter(
      spawn(process.execPath, [program, ...paths], { stdio: ['ignore', 'pipe', 'inherit'] }),
    )
  }

  /** Number of the last durable record. */
  get acknowledged(): number {
    return this.#acknowledged
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return
    this.#process.kill()
    await once(this.#process, 'exit')
  }
}

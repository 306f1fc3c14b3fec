import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { LandfallError } from '@landfall/model'
import type { SourceMachine } from './source-machine.ts'

const POLL_MS = 200

/**
 * The writer in the source server: numbered records, one fsync each, and what it acknowledged as
 * seen from outside. A number that arrived here was on the source's disk before.
 */
export class AcknowledgedRecords implements Disposable {
  readonly #ssh: ChildProcess
  /** By our clock: when the record with that number (the index) had arrived here at the latest. */
  readonly #arrivedAtMs: number[] = []
  #last = 0

  constructor(source: SourceMachine, command: string) {
    this.#ssh = source.start(command)
    if (this.#ssh.stdout === null) throw new Error('The writer has no output')
    createInterface({ input: this.#ssh.stdout }).on('line', (line) => {
      this.#last = Number(line)
      this.#arrivedAtMs[this.#last] = Date.now()
    })
  }

  /**
   * Returns once the record with that number has been acknowledged; throws when the writer ended.
   */
  async untilRecord(number: number, signal: AbortSignal): Promise<void> {
    while (this.#last < number) {
      if (this.#ssh.exitCode !== null || this.#ssh.signalCode !== null) {
        throw new LandfallError('unavailable', 'The writer in the source server ended by itself.')
      }
      await sleep(POLL_MS, undefined, { signal })
    }
  }

  /** The newest record acknowledged before the moment, by our clock; 0 when there was none. */
  lastBefore(momentMs: number): number {
    return Math.max(
      0,
      this.#arrivedAtMs.findLastIndex((arrivedAtMs) => arrivedAtMs < momentMs),
    )
  }

  [Symbol.dispose](): void {
    this.#ssh.kill()
  }
}

import { readFile } from 'node:fs/promises'
import { writeDurably } from '../volumes/durable-file.ts'

/**
 * Who may replicate, as the service said last. Kept in a file, so that replication goes on when the
 * staging area starts while the service is down.
 */
export class Admissions {
  readonly #path: string
  #admitted: ReadonlySet<string>

  private constructor(path: string, admitted: ReadonlySet<string>) {
    this.#path = path
    this.#admitted = admitted
  }

  static async open(path: string): Promise<Admissions> {
    const text = await readFile(path, 'utf8').catch(() => '[]')
    return new Admissions(path, new Set(JSON.parse(text) as string[]))
  }

  has(sourceServerID: string): boolean {
    return this.#admitted.has(sourceServerID)
  }

  /** Takes the service's list; returns who is not admitted any more. */
  async replace(sourceServerIDs: readonly string[]): Promise<string[]> {
    const next = new Set(sourceServerIDs)
    const removed = [...this.#admitted].filter((id) => !next.has(id))
    const isSame = removed.length === 0 && next.size === this.#admitted.size
    this.#admitted = next
    if (!isSame) await writeDurably(this.#path, JSON.stringify([...next]))
    return removed
  }
}

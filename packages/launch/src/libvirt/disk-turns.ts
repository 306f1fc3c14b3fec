import { setTimeout as sleep } from 'node:timers/promises'

/** Copies take seconds to hours. */
const POLL_MS = 250

/** Whoever copies an instance's disks is alone with them: libvirt ends one copy for another. */
export class DiskTurns {
  readonly #taken = new Set<string>()

  isTaken(instanceID: string): boolean {
    return this.#taken.has(instanceID)
  }

  /** Does the work as soon as nobody else is at the instance's disks. */
  async take<T>(instanceID: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    while (this.isTaken(instanceID)) await sleep(POLL_MS, undefined, { signal })
    this.#taken.add(instanceID)
    try {
      return await work()
    } finally {
      this.#taken.delete(instanceID)
    }
  }
}

import { LandfallError } from '@landfall/model'

/** Enough for whoever mistypes; who guesses gets through a password in centuries. */
const FAILURES_MAX = 10
const WINDOW_MS = 5 * 60 * 1000

/** Subjects that are remembered; beyond them the oldest are forgotten. */
const SUBJECTS_MAX = 10_000

/** Counts what failed for each subject of late, and refuses those that fail too often. */
export class FailureLimit {
  readonly #failures = new Map<string, { count: number; readonly since: Date }>()

  /** Throws `throttled` when one of the subjects has failed too often. */
  check(subjects: readonly string[], now: Date): void {
    const isOver = subjects.some((subject) => this.#countOf(subject, now) >= FAILURES_MAX)
    if (!isOver) return
    const minutes = WINDOW_MS / 60_000
    const message = `Too many attempts to sign in failed. Try again in ${minutes} minutes.`
    throw new LandfallError('throttled', message)
  }

  failed(subjects: readonly string[], now: Date): void {
    for (const subject of subjects) {
      const count = this.#countOf(subject, now) + 1
      const since = count === 1 ? now : (this.#failures.get(subject)?.since ?? now)
      this.#failures.delete(subject)
      this.#failures.set(subject, { count, since })
    }
    for (const subject of this.#failures.keys()) {
      if (this.#failures.size <= SUBJECTS_MAX) break
      this.#failures.delete(subject)
    }
  }

  #countOf(subject: string, now: Date): number {
    const found = this.#failures.get(subject)
    if (found === undefined || now.getTime() - found.since.getTime() >= WINDOW_MS) return 0
    return found.count
  }
}

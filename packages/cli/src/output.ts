/** What a command writes to: results go to `out`, everything for a watching person to `notes`. */
export interface Output {
  /** One line of the result. */
  line(text: string): void
  /** A line that is not part of the result (progress, advice): standard error. */
  note(text: string): void
  /** A line that replaces itself on a terminal, and is a plain line now and then elsewhere. */
  progress(text: string): void
}

/** Without a terminal a progress line is worth repeating only this often: logs are read later. */
const PLAIN_PROGRESS_EVERY_MS = 15_000

export interface Terminal {
  write(text: string): unknown
  readonly isTTY?: boolean
}

/** Output to two streams, as `landfall` itself uses it. */
export function createOutput(options: { out: Terminal; notes: Terminal; now: () => number }) {
  const { out, notes, now } = options
  let pending = false
  let plainAt = Number.NEGATIVE_INFINITY
  const endProgress = () => {
    if (pending) notes.write('\n')
    pending = false
  }
  return {
    line(text) {
      endProgress()
      out.write(`${text}\n`)
    },
    note(text) {
      endProgress()
      notes.write(`${text}\n`)
    },
    progress(text) {
      if (notes.isTTY === true) {
        notes.write(`\r\u001B[K${text}`)
        pending = true
      } else if (now() - plainAt >= PLAIN_PROGRESS_EVERY_MS) {
        notes.write(`${text}\n`)
        plainAt = now()
      }
    },
  } satisfies Output
}

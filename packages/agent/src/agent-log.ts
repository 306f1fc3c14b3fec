import { appendFile, rename, stat } from 'node:fs/promises'

/** agent.log is renamed to agent.log.1 at this size: two files of it bound the log's disk space. */
const FILE_BYTES_MAX = 5 * 1024 * 1024

/**
 * Lines kept while nothing may be written; a freeze lasts seconds, so this is far more than enough.
 */
const LINES_MAX = 2000

/** A line longer than this is cut: an error text must not fill the log by itself. */
const LINE_CHARACTERS_MAX = 4000

/**
 * The agent's log. `log` only remembers, so that it can be called while the filesystem under the
 * log file is frozen; `flush` writes, and its caller sees to it that nothing is frozen then.
 */
export class AgentLog {
  readonly #path: string
  readonly #olderPath: string
  readonly #now: () => Date
  #lines: string[] = []
  #dropped = 0
  #flushing: Promise<void> = Promise.resolve()

  constructor(options: { path: string; olderPath: string; now?: () => Date }) {
    this.#path = options.path
    this.#olderPath = options.olderPath
    this.#now = options.now ?? (() => new Date())
  }

  log = (message: string): void => {
    if (this.#lines.length >= LINES_MAX) {
      this.#lines.shift()
      this.#dropped += 1
    }
    const line = message.slice(0, LINE_CHARACTERS_MAX).replaceAll('\n', ' ')
    this.#lines.push(`${this.#now().toISOString()} ${line}\n`)
  }

  /** Appends what was logged. A log that cannot be written (disk full) is given up, not thrown. */
  async flush(): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#write())
    await this.#flushing
  }

  async #write(): Promise<void> {
    if (this.#lines.length === 0) return
    const lost = this.#dropped === 0 ? '' : `(${this.#dropped} lines were dropped here)\n`
    const text = lost + this.#lines.join('')
    this.#lines = []
    this.#dropped = 0
    try {
      const size = await sizeOf(this.#path)
      if (size > 0 && size + text.length > FILE_BYTES_MAX) await rename(this.#path, this.#olderPath)
      await appendFile(this.#path, text, { mode: 0o600 })
    } catch {
      // The disk is full or gone: replication matters more than its log.
    }
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch {
    return 0
  }
}

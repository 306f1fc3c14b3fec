import { execFile } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'

/**
 * Notes, on a filesystem in memory, what is about to be frozen. Should agent and helper be killed
 * together, the next agent thaws it.
 */
export class FreezeMarker {
  readonly #path: string

  constructor(stateDir: string) {
    this.#path = path.join(stateDir, 'frozen.json')
  }

  async set(mountPoints: readonly string[]): Promise<void> {
    await writeFile(this.#path, JSON.stringify(mountPoints))
  }

  async clear(): Promise<void> {
    await rm(this.#path, { force: true })
  }

  /** Thaws what an earlier agent left frozen; mount points that are not frozen stay as they are. */
  async thawLeftOver(): Promise<void> {
    const text = await readFile(this.#path, 'utf8').catch(() => undefined)
    if (text === undefined) return
    for (const mountPoint of (JSON.parse(text) as string[]).toReversed()) {
      const arguments_ = ['--unfreeze', mountPoint]
      await promisify(execFile)('fsfreeze', arguments_).catch(() => undefined)
    }
    await this.clear()
  }
}

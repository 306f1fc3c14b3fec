import { createHash } from 'node:crypto'
import { access, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** The end of a file that is not whole yet. */
const PARTIAL = '.partial'

/**
 * The initial ramdisk that the last conversion of a server made, for the next one. It is found by a
 * digest of all that it was made of: where the guest's own has changed since, so has what it says.
 */
export class KeptRamdisk {
  readonly #folder: string

  /** `folder` belongs to one server; made when something is kept. Deleting it forgets. */
  constructor(folder: string) {
    this.#folder = folder
  }

  /** The file, when the one that is kept was made of just that. */
  async find(madeOf: readonly string[]): Promise<string | undefined> {
    const path = this.#pathOf(madeOf)
    return access(path).then(
      () => path,
      () => undefined,
    )
  }

  /** Keeps what `write` writes, in place of what was kept before. */
  async keep(madeOf: readonly string[], write: (path: string) => Promise<void>): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o750 })
    for (const name of await readdir(this.#folder)) await rm(join(this.#folder, name))
    const path = this.#pathOf(madeOf)
    await write(path + PARTIAL)
    await rename(path + PARTIAL, path)
  }

  #pathOf(madeOf: readonly string[]): string {
    const digest = createHash('sha256').update(JSON.stringify(madeOf)).digest('hex')
    return join(this.#folder, `ramdisk-${digest}`)
  }
}

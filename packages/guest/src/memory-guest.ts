import type { GuestSystem } from './guest-files.ts'

/** A guest that is a map of paths: for tests of what is done to guests. */
export class MemoryGuest implements GuestSystem {
  readonly files: Map<string, string>
  readonly modes = new Map<string, number>()
  readonly #uuids: Readonly<Record<string, string>>

  constructor(
    files: Readonly<Record<string, string>>,
    uuids: Readonly<Record<string, string>> = {},
  ) {
    this.files = new Map(Object.entries(files))
    this.#uuids = uuids
  }

  async read(path: string): Promise<string | undefined> {
    return this.files.get(path)
  }

  async list(folder: string): Promise<string[]> {
    const paths = [...this.files.keys()].filter((path) => path.startsWith(`${folder}/`))
    const names = paths.map((path) => path.slice(folder.length + 1).split('/')[0] ?? '')
    return [...new Set(names)].toSorted()
  }

  async isFolder(path: string): Promise<boolean> {
    return (await this.list(path)).length > 0
  }

  async write(path: string, text: string, mode: number): Promise<void> {
    this.files.set(path, text)
    this.modes.set(path, mode)
  }

  async remove(path: string): Promise<void> {
    for (const known of this.files.keys()) {
      if (known === path || known.startsWith(`${path}/`)) this.files.delete(known)
    }
  }

  async link(target: string, path: string): Promise<void> {
    this.files.set(path, `-> ${target}`)
  }

  async copy(from: string, to: string): Promise<void> {
    const text = this.files.get(from)
    if (text === undefined) throw new Error(`there is no ${from}`)
    this.files.set(to, text)
  }

  async uuidOf(devicePath: string): Promise<string | undefined> {
    return this.#uuids[devicePath]
  }
}

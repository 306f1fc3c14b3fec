import type { FilePart, FilesystemSpace, GuestSystem } from './guest-files.ts'

/** How a symbolic link is kept among the files' texts. */
const LINK_MARK = '-> '

/** A guest that is a map of paths: for tests of what is done to guests. */
export class MemoryGuest implements GuestSystem {
  readonly files: Map<string, string>
  readonly modes = new Map<string, number>()
  readonly #uuids: Readonly<Record<string, string>>
  /** The same for every folder. */
  spaceNow: FilesystemSpace = { totalBytes: 8 * 1024 ** 3, availableBytes: 4 * 1024 ** 3 }

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
    const prefix = folder.endsWith('/') ? folder : `${folder}/`
    const paths = [...this.files.keys()].filter((path) => path.startsWith(prefix))
    const names = paths.map((path) => path.slice(prefix.length).split('/')[0] ?? '')
    return [...new Set(names)].toSorted()
  }

  async isFolder(path: string): Promise<boolean> {
    return (await this.list(path)).length > 0
  }

  async stream(path: string, part?: FilePart): Promise<AsyncIterable<Buffer> | undefined> {
    const text = this.files.get(path)
    if (text === undefined) return undefined
    const { offset = 0, bytesMax = text.length } = part ?? {}
    const bytes = Buffer.from(text.slice(offset, offset + bytesMax), 'latin1')
    return (async function* () {
      yield bytes
    })()
  }

  async sizeBytes(path: string): Promise<number | undefined> {
    return this.files.get(path)?.length
  }

  async linkTarget(path: string): Promise<string | undefined> {
    const text = this.files.get(path)
    return text?.startsWith(LINK_MARK) === true ? text.slice(LINK_MARK.length) : undefined
  }

  async space(folder: string): Promise<FilesystemSpace | undefined> {
    return (await this.isFolder(folder)) ? this.spaceNow : undefined
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
    this.files.set(path, LINK_MARK + target)
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

import { dirname, basename } from 'node:path'
import type { FilePart, FilesystemSpace, GuestReader } from './guest-files.ts'

/**
 * A reader that asks nothing twice, and does not ask for what the folder above does not list: on
 * the disks of a point each question goes through an emulated machine. For a look that is over
 * soon: what changes meanwhile is not seen.
 */
export class RememberingReader implements GuestReader {
  readonly #reader: GuestReader
  readonly #texts = new Map<string, Promise<string | undefined>>()
  readonly #lists = new Map<string, Promise<string[]>>()

  constructor(reader: GuestReader) {
    this.#reader = reader
  }

  /** Whether the folder above lists it; a link that leads nowhere is listed too. */
  async exists(path: string): Promise<boolean> {
    if (path === '/') return true
    if (!path.startsWith('/')) return false
    return (await this.list(dirname(path))).includes(basename(path))
  }

  async read(path: string): Promise<string | undefined> {
    return await kept(this.#texts, path, async () => {
      return (await this.exists(path)) ? await this.#reader.read(path) : undefined
    })
  }

  async list(folder: string): Promise<string[]> {
    return await kept(this.#lists, folder, async () => {
      return (await this.exists(folder)) ? await this.#reader.list(folder) : []
    })
  }

  async isFolder(path: string): Promise<boolean> {
    return (await this.exists(path)) && (await this.#reader.isFolder(path))
  }

  async stream(path: string, part?: FilePart) {
    return (await this.exists(path)) ? await this.#reader.stream(path, part) : undefined
  }

  async sizeBytes(path: string): Promise<number | undefined> {
    return (await this.exists(path)) ? await this.#reader.sizeBytes(path) : undefined
  }

  async linkTarget(path: string): Promise<string | undefined> {
    return (await this.exists(path)) ? await this.#reader.linkTarget(path) : undefined
  }

  async space(folder: string): Promise<FilesystemSpace | undefined> {
    return (await this.exists(folder)) ? await this.#reader.space(folder) : undefined
  }
}

function kept<T>(map: Map<string, Promise<T>>, key: string, find: () => Promise<T>): Promise<T> {
  const known = map.get(key) ?? find()
  map.set(key, known)
  return known
}

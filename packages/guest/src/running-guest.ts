import { createReadStream } from 'node:fs'
import { readFile, readdir, readlink, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { FilePart, FilesystemSpace, GuestReader } from './guest-files.ts'

/** The files of the system we run in. What may not be read is as good as absent. */
export class RunningGuest implements GuestReader {
  readonly #root: string

  /** Another root than `/` is for tests: absolute links in it lead out of it. */
  constructor(root = '/') {
    this.#root = root
  }

  async read(path: string): Promise<string | undefined> {
    return await orAbsent(readFile(this.#at(path), 'latin1'))
  }

  async list(folder: string): Promise<string[]> {
    return ((await orAbsent(readdir(this.#at(folder)))) ?? []).toSorted()
  }

  async isFolder(path: string): Promise<boolean> {
    return (await orAbsent(stat(this.#at(path))))?.isDirectory() === true
  }

  async stream(path: string, part?: FilePart): Promise<AsyncIterable<Buffer> | undefined> {
    if ((await this.sizeBytes(path)) === undefined) return undefined
    if (part === undefined) return createReadStream(this.#at(path))
    const { offset: start = 0, bytesMax } = part
    return createReadStream(this.#at(path), { start, end: start + bytesMax - 1 })
  }

  async sizeBytes(path: string): Promise<number | undefined> {
    const stats = await orAbsent(stat(this.#at(path)))
    return stats?.isFile() === true ? stats.size : undefined
  }

  async linkTarget(path: string): Promise<string | undefined> {
    return await orAbsent(readlink(this.#at(path)))
  }

  async space(folder: string): Promise<FilesystemSpace | undefined> {
    const stats = await orAbsent(statfs(this.#at(folder)))
    if (stats === undefined) return undefined
    return {
      totalBytes: stats.bsize * stats.blocks,
      availableBytes: stats.bsize * stats.bavail,
    }
  }

  #at(path: string): string {
    return join(this.#root, path)
  }
}

/** Whatever keeps a file from being read, it is one that says nothing. */
async function orAbsent<T>(answer: Promise<T>): Promise<T | undefined> {
  return await answer.catch(() => undefined)
}

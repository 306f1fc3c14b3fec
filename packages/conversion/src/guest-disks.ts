import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { FilePart, FilesystemSpace, GuestSystem } from '@landfall/guest'
import { inAppliance } from './device-names.ts'
import { Guestfish } from './guestfish.ts'
import { mountSystem } from './mount-system.ts'
import type { ToolRunner } from './tool-runner.ts'

/** LUKS2's key derivation takes a GiB by itself, where cryptsetup has chosen its cost. */
const MEMORY_MIB = 2048

export interface GuestDisk {
  /** The source's name for it. */
  readonly deviceName: string
  readonly path: string
}

/** A server's disks, opened by libguestfs, with the system on them mounted. */
export class GuestDisks implements GuestSystem, AsyncDisposable {
  readonly #fish: Guestfish
  readonly #deviceNames: readonly string[]
  readonly #scratchDir: string

  private constructor(fish: Guestfish, deviceNames: readonly string[], scratchDir: string) {
    this.#fish = fish
    this.#deviceNames = deviceNames
    this.#scratchDir = scratchDir
  }

  /** Starts the virtual machine with the disks and mounts the system that is on them. */
  static async open(
    tools: ToolRunner,
    disks: readonly GuestDisk[],
    passphrases: readonly string[] = [],
    options: { readonly isReadOnly?: boolean } = {},
  ): Promise<GuestDisks> {
    const fish = new Guestfish(tools, disks, options)
    try {
      if (passphrases.length > 0) await fish.command('set-memsize', String(MEMORY_MIB))
      await fish.command('run')
      const deviceNames = disks.map((disk) => disk.deviceName)
      await mountSystem(fish, { deviceNames, passphrases })
      return new GuestDisks(fish, deviceNames, tools.scratchDir)
    } catch (error) {
      await fish[Symbol.asyncDispose]()
      throw error
    }
  }

  async read(path: string): Promise<string | undefined> {
    if (!(await this.#isTrue('is-file', path))) return undefined
    // guestfish ends every text that it prints with a line feed of its own.
    return (await this.#fish.command('cat', path)).slice(0, -1)
  }

  async list(folder: string): Promise<string[]> {
    if (!(await this.isFolder(folder))) return []
    return (await this.#fish.lines('ls', folder)).toSorted()
  }

  async isFolder(path: string): Promise<boolean> {
    return await this.#isTrue('is-dir', path)
  }

  async stream(path: string, part?: FilePart): Promise<AsyncIterable<Buffer> | undefined> {
    if (!(await this.#isTrue('is-file', path))) return undefined
    const copy = join(this.#scratchDir, `copy-${randomBytes(8).toString('hex')}`)
    if (part === undefined) await this.download(path, copy)
    else {
      const { offset = 0, bytesMax } = part
      await this.#fish.command('download-offset', path, copy, String(offset), String(bytesMax))
    }
    return piecesOf(copy)
  }

  async sizeBytes(path: string): Promise<number | undefined> {
    if (!(await this.#isTrue('is-file', path))) return undefined
    return Number(await this.#fish.command('filesize', path))
  }

  async linkTarget(path: string): Promise<string | undefined> {
    if ((await this.#fish.command('is-symlink', path)).trim() !== 'true') return undefined
    return (await this.#fish.command('readlink', path)).slice(0, -1)
  }

  async space(folder: string): Promise<FilesystemSpace | undefined> {
    if (!(await this.isFolder(folder))) return undefined
    const answer = await this.#fish.command('statvfs', folder)
    const field = (name: string) => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(answer)?.[1])
    return {
      totalBytes: field('frsize') * field('blocks'),
      availableBytes: field('frsize') * field('bavail'),
    }
  }

  async write(path: string, text: string, mode: number): Promise<void> {
    await this.#fish.command('mkdir-p', dirname(path))
    await this.#fish.command('write', path, text)
    await this.#fish.command('chmod', `0${mode.toString(8)}`, path)
  }

  async remove(path: string): Promise<void> {
    await this.#fish.command('rm-rf', path)
  }

  async link(target: string, path: string): Promise<void> {
    await this.#fish.command('mkdir-p', dirname(path))
    await this.#fish.command('ln-sf', target, path)
  }

  async copy(from: string, to: string): Promise<void> {
    await this.#fish.command('mkdir-p', dirname(to))
    await this.#fish.command('cp-a', from, to)
  }

  /**
   * The filesystem, swap or LUKS UUID behind a source's device path such as `/dev/sdb1`; undefined
   * when that disk or partition was not replicated or has none.
   */
  async uuidOf(devicePath: string): Promise<string | undefined> {
    const device = inAppliance(devicePath, this.#deviceNames)
    if (device === undefined) return undefined
    return (await this.#fish.attempt('vfs-uuid', device)).trim() || undefined
  }

  /** Copies a file of the guest to one of ours. */
  async download(path: string, file: string): Promise<void> {
    await this.#fish.command('download', path, file)
  }

  /** Copies a file of ours into the guest, in place of what is there. */
  async upload(file: string, path: string): Promise<void> {
    await this.#fish.command('upload', file, `${path}.landfall`)
    await this.#fish.command('mv', `${path}.landfall`, path)
  }

  /**
   * Runs a shell script of ours inside the system, by its own programs and in the appliance's
   * machine. What it prints; a script that fails ends everything.
   */
  async run(script: string): Promise<string> {
    return await this.#fish.command('sh', script)
  }

  /** Unmounts, so that everything is on the disks, and ends the virtual machine. */
  async close(): Promise<void> {
    await this.#fish.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#fish[Symbol.asyncDispose]()
  }

  async #isTrue(question: 'is-file' | 'is-dir', path: string): Promise<boolean> {
    return (await this.#fish.command(question, path, 'followsymlinks:true')).trim() === 'true'
  }
}

/** The copy's bytes; it is removed when its reader has done with it. */
async function* piecesOf(copy: string): AsyncGenerator<Buffer> {
  try {
    for await (const piece of createReadStream(copy)) yield piece as Buffer
  } finally {
    await rm(copy, { force: true })
  }
}

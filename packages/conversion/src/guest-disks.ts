import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PassThrough } from 'node:stream'
import { LandfallError } from '@landfall/model'
import type { FilesystemSpace, GuestSystem } from '@landfall/guest'
import type { ToolRunner } from './tool-runner.ts'

/** How libguestfs names the disk at an index: sda, …, sdz, sdaa, … */
export function applianceDevice(index: number): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz'
  const last = letters.charAt(index % 26)
  return `/dev/sd${index < 26 ? '' : letters.charAt(Math.floor(index / 26) - 1)}${last}`
}

/**
 * A server's disks, opened inside libguestfs' own small virtual machine, so that no filesystem of a
 * guest is ever mounted by the host's kernel. One guestfish process takes commands one by one; the
 * first that fails ends it.
 */
export class GuestDisks implements GuestSystem, AsyncDisposable {
  readonly #tools: ToolRunner
  readonly #input: PassThrough
  readonly #ended: Promise<string>
  readonly #deviceNames: readonly string[]
  #output = ''
  #arrived = Promise.withResolvers<void>()
  #isClosed = false

  private constructor(
    tools: ToolRunner,
    disks: readonly { readonly deviceName: string; readonly path: string }[],
  ) {
    this.#tools = tools
    this.#deviceNames = disks.map((disk) => disk.deviceName)
    this.#input = new PassThrough()
    const drives = disks.flatMap((disk) => ['--format=qcow2', '-a', disk.path])
    this.#ended = tools.run('guestfish', drives, {
      input: this.#input,
      onOutput: (chunk) => {
        this.#output += chunk
        this.#arrived.resolve()
        this.#arrived = Promise.withResolvers()
      },
    })
    // Whoever waits for a command hears of the end; nobody else needs to.
    this.#ended.catch(() => {})
  }

  /** Starts the virtual machine with the disks and mounts the system that is on them. */
  static async open(
    tools: ToolRunner,
    disks: readonly { readonly deviceName: string; readonly path: string }[],
  ): Promise<GuestDisks> {
    const guest = new GuestDisks(tools, disks)
    try {
      await guest.#command('run')
      await guest.#mountSystem()
      return guest
    } catch (error) {
      await guest[Symbol.asyncDispose]()
      throw error
    }
  }

  async read(path: string): Promise<string | undefined> {
    if (!(await this.#isFile(path))) return undefined
    // guestfish ends every text that it prints with a line feed of its own.
    return (await this.#command('cat', path)).slice(0, -1)
  }

  async list(folder: string): Promise<string[]> {
    if (!(await this.isFolder(folder))) return []
    return (await this.#command('ls', folder)).split('\n').filter(Boolean).toSorted()
  }

  async isFolder(path: string): Promise<boolean> {
    return (await this.#command('is-dir', path, 'followsymlinks:true')).trim() === 'true'
  }

  async stream(
    path: string,
    options: { readonly bytesMax?: number } = {},
  ): Promise<AsyncIterable<Buffer> | undefined> {
    if (!(await this.#isFile(path))) return undefined
    const copy = join(this.#tools.scratchDir, `copy-${randomBytes(8).toString('hex')}`)
    if (options.bytesMax === undefined) await this.#command('download', path, copy)
    else await this.#command('download-offset', path, copy, '0', String(options.bytesMax))
    return piecesOf(copy)
  }

  async sizeBytes(path: string): Promise<number | undefined> {
    if (!(await this.#isFile(path))) return undefined
    return Number(await this.#command('filesize', path))
  }

  async linkTarget(path: string): Promise<string | undefined> {
    if ((await this.#command('is-symlink', path)).trim() !== 'true') return undefined
    return (await this.#command('readlink', path)).slice(0, -1)
  }

  async space(folder: string): Promise<FilesystemSpace | undefined> {
    if (!(await this.isFolder(folder))) return undefined
    const answer = await this.#command('statvfs', folder)
    const field = (name: string) => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(answer)?.[1])
    return {
      totalBytes: field('frsize') * field('blocks'),
      availableBytes: field('frsize') * field('bavail'),
    }
  }

  async write(path: string, text: string, mode: number): Promise<void> {
    await this.#command('mkdir-p', dirname(path))
    await this.#command('write', path, text)
    await this.#command('chmod', `0${mode.toString(8)}`, path)
  }

  async remove(path: string): Promise<void> {
    await this.#command('rm-rf', path)
  }

  async link(target: string, path: string): Promise<void> {
    await this.#command('mkdir-p', dirname(path))
    await this.#command('ln-sf', target, path)
  }

  async copy(from: string, to: string): Promise<void> {
    await this.#command('mkdir-p', dirname(to))
    await this.#command('cp-a', from, to)
  }

  /**
   * The filesystem or swap UUID behind a source's device path such as `/dev/sdb1`; undefined when
   * that disk or partition was not replicated or has none.
   */
  async uuidOf(devicePath: string): Promise<string | undefined> {
    const index = this.#deviceNames.findIndex((name) => {
      return devicePath.startsWith(name) && /^p?\d*$/.test(devicePath.slice(name.length))
    })
    const deviceName = this.#deviceNames[index]
    if (deviceName === undefined) return undefined
    const partition = devicePath.slice(deviceName.length).replace('p', '')
    const device = applianceDevice(index) + partition
    const known = (await this.#command('list-filesystems')).split('\n')
    if (!known.some((line) => line.startsWith(`${device}: `))) return undefined
    return (await this.#command('vfs-uuid', device)).trim() || undefined
  }

  /** Unmounts, so that everything is on the disks, and ends the virtual machine. */
  async close(): Promise<void> {
    await this.#command('umount-all')
    await this.#command('shutdown')
    this.#isClosed = true
    this.#input.end()
    await this.#ended
  }

  /** Without a `close` before it: something failed, and what is on the disks does not matter. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return
    this.#input.end()
    await this.#tools.endAll()
    await this.#ended.catch(() => '')
  }

  async #isFile(path: string): Promise<boolean> {
    return (await this.#command('is-file', path, 'followsymlinks:true')).trim() === 'true'
  }

  async #mountSystem(): Promise<void> {
    const root = (await this.#command('inspect-os')).split('\n')[0]
    if (root === undefined || root === '') {
      const message =
        'No operating system was found on the disks of this point. Check that the boot disk is replicated.'
      throw new LandfallError('unavailable', message)
    }
    const mountpoints = (await this.#command('inspect-get-mountpoints', root))
      .split('\n')
      .map((line) => /^(\/.*?): (.+)$/.exec(line))
      .flatMap((match) => (match?.[1] && match[2] ? [{ folder: match[1], device: match[2] }] : []))
      .toSorted((a, b) => a.folder.length - b.folder.length)
    for (const { folder, device } of mountpoints) {
      // A missing data disk must not stop the rest; the root must be there.
      await this.#command(folder === '/' ? 'mount' : '-mount', device, folder)
    }
  }

  /** Runs one command and returns what it prints. */
  async #command(name: string, ...args: string[]): Promise<string> {
    const mark = `end-${randomBytes(8).toString('hex')}`
    this.#output = ''
    this.#input.write(`${[name, ...args.map(quote)].join(' ')}\necho ${mark}\n`)
    for (;;) {
      const end = this.#output.indexOf(mark)
      if (end >= 0) return this.#output.slice(0, end)
      const arrived = this.#arrived.promise
      const isEnded = await Promise.race([arrived.then(() => false), this.#ended.then(() => true)])
      if (isEnded) throw new Error(`guestfish ended at "${name}"`)
    }
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

/** guestfish's double quotes: every byte that is not plain ASCII goes as \xHH. */
function quote(text: string): string {
  const escaped = text.replaceAll(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, (character) => {
    const code = character.charCodeAt(0)
    if (code > 0xff) throw new Error(`text for a guest is not bytes: ${JSON.stringify(character)}`)
    return `\\x${code.toString(16).padStart(2, '0')}`
  })
  return `"${escaped}"`
}

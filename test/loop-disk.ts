import { mkdir, mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './installation.ts'

/** A loop device over a sparse file: a real block device with nothing but this test on it. */
export class LoopDisk implements AsyncDisposable {
  readonly device: string
  readonly #folder: string
  #mountPoint: string | undefined

  /** Grows it while it is in use, as a hypervisor does. */
  async grow(sizeBytes: number): Promise<void> {
    await truncate(join(this.#folder, 'disk.raw'), sizeBytes)
    await run('losetup', ['--set-capacity', this.device])
  }

  private constructor(device: string, folder: string) {
    this.device = device
    this.#folder = folder
  }

  static async create(sizeBytes: number): Promise<LoopDisk> {
    const folder = await mkdtemp(join(tmpdir(), 'landfall-disk-'))
    const file = join(folder, 'disk.raw')
    await writeFile(file, '')
    await truncate(file, sizeBytes)
    const { stdout } = await run('losetup', ['--find', '--show', '--direct-io=on', file])
    return new LoopDisk(stdout.trim(), folder)
  }

  /** Makes an ext4 and mounts it; the mount point. */
  async mountExt4(): Promise<string> {
    await run('mkfs.ext4', ['-q', '-F', this.device])
    this.#mountPoint = join(this.#folder, 'mounted')
    await mkdir(this.#mountPoint)
    await run('mount', [this.device, this.#mountPoint])
    return this.#mountPoint
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#mountPoint !== undefined) await run('umount', [this.#mountPoint])
    await run('losetup', ['--detach', this.device])
    await rm(this.#folder, { recursive: true })
  }
}

/** SHA-256 of a whole device or file, read around the page cache, which is stale for devices. */
export async function sha256Direct(path: string): Promise<string> {
  const { stdout } = await run('sh', [
    '-c',
    'dd if="$1" iflag=direct bs=1M status=none | sha256sum',
    'sh',
    path,
  ])
  return stdout.split(' ')[0] ?? ''
}

/** Writes `text` to a new file and makes it durable. */
export async function writeDurably(path: string, text: string): Promise<void> {
  await using file = await open(path, 'w')
  await file.writeFile(text)
  await file.sync()
}

import { constants } from 'node:fs'
import { open, readFile, realpath, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { DISK_BYTES_MIN, LandfallError } from '@landfall/model'

/** Linux counts a disk's size in these, whatever its logical block is. */
const SECTOR_BYTES = 512

/**
 * A block device opened for reading past the page cache. The cache of a block device is stale where
 * a filesystem wrote, so that every read here is O_DIRECT: into aligned memory (`alignedBuffer`),
 * at offsets and lengths that are multiples of the logical block.
 */
export class DirectDisk implements AsyncDisposable {
  readonly devicePath: string
  readonly sizeBytes: number
  /** `major << 20 | minor`, as the kernel's events give it. */
  readonly deviceNumber: number
  readonly logicalBlockBytes: number
  readonly #handle: FileHandle

  private constructor(devicePath: string, shape: DiskShape, handle: FileHandle) {
    this.devicePath = devicePath
    this.sizeBytes = shape.sizeBytes
    this.deviceNumber = shape.deviceNumber
    this.logicalBlockBytes = shape.logicalBlockBytes
    this.#handle = handle
  }

  /** Throws a LandfallError that names the disk when it is absent, no whole disk, or too small. */
  static async open(devicePath: string): Promise<DirectDisk> {
    const shape = await diskShape(devicePath)
    const flags = constants.O_RDONLY | constants.O_DIRECT
    const handle = await open(devicePath, flags).catch((cause: unknown) => {
      throw new LandfallError('unavailable', `Disk ${devicePath} cannot be opened`, { cause })
    })
    return new DirectDisk(devicePath, shape, handle)
  }

  /** Fills `target` from `offset`. A short read is an error: the disk shrank or vanished. */
  async read(offset: number, target: Uint8Array): Promise<void> {
    for (let done = 0; done < target.length;) {
      const rest = target.length - done
      const { bytesRead } = await this.#handle
        .read(target, done, rest, offset + done)
        .catch((cause: unknown) => {
          throw this.#readError(offset + done, 'failed', cause)
        })
      if (bytesRead === 0) throw this.#readError(offset + done, 'came back short')
      done += bytesRead
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close()
  }

  #readError(offset: number, what: string, cause?: unknown): LandfallError {
    const where = `Reading disk ${this.devicePath} at byte ${offset} ${what}`
    const remedy = 'check the disk and the kernel log of the source server'
    return new LandfallError('unavailable', `${where}: ${remedy}`, { cause })
  }
}

export interface DiskShape {
  readonly sizeBytes: number
  readonly deviceNumber: number
  readonly logicalBlockBytes: number
}

/** Size and numbers of a whole disk from sysfs; a LandfallError when it cannot be replicated. */
export async function diskShape(devicePath: string): Promise<DiskShape> {
  const name = await kernelName(devicePath)
  const attribute = async (file: string): Promise<string> => {
    try {
      return (await readFile(path.join('/sys/block', name, file), 'utf8')).trim()
    } catch (cause) {
      const sentence = `${devicePath} is not there, or is not a whole disk`
      throw new LandfallError('unavailable', sentence, { cause })
    }
  }
  const sizeBytes = Number(await attribute('size')) * SECTOR_BYTES
  if (sizeBytes < DISK_BYTES_MIN) {
    const sentence = `Disk ${devicePath} has ${sizeBytes} bytes; one under 1 MiB is not replicated`
    throw new LandfallError('validation', sentence)
  }
  const [major = 0, minor = 0] = (await attribute('dev')).split(':').map(Number)
  const logicalBlockBytes = Number(await attribute('queue/logical_block_size'))
  return { sizeBytes, deviceNumber: major * 2 ** 20 + minor, logicalBlockBytes }
}

/** The name under /sys/block of a device path (which may be a link, as under /dev/disk). */
export async function kernelName(devicePath: string): Promise<string> {
  const resolved = await realpath(devicePath).catch((cause: unknown) => {
    throw new LandfallError('unavailable', `Disk ${devicePath} is not there`, { cause })
  })
  // /dev/cciss/c0d0 is cciss!c0d0 in sysfs.
  return path.relative('/dev', resolved).replaceAll('/', '!')
}

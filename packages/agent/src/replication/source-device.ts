import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { DirectDisk, diskShape, kernelName } from '@landfall/block'
import { errorText, LandfallError } from '@landfall/model'
import { deviceNumber, isMultipath, related } from '../block-devices.ts'

/** A device whose reads failed is tried again after this. */
const RETRY_MS = 30_000

/** A disk of this server: what it is, what leads to it, and whether it can be read. */
export class SourceDevice implements AsyncDisposable {
  readonly deviceNumber: number
  /** Tells one attachment of a device from the next, where the kernel counts them. */
  readonly attachment: string
  #disk: DirectDisk
  #writeNumbers: readonly number[]
  #error: string | undefined
  #retryAtMs = 0

  private constructor(disk: DirectDisk, attachment: string, paths: readonly number[]) {
    this.#disk = disk
    this.deviceNumber = disk.deviceNumber
    this.attachment = attachment
    this.#writeNumbers = [disk.deviceNumber, ...paths]
  }

  /** Throws a LandfallError that names the device when it cannot be replicated. */
  static async open(devicePath: string, sys: string): Promise<SourceDevice> {
    const paths = await pathNumbers(devicePath, sys)
    if (paths === undefined) await refuseStacked(devicePath)
    const disk = await DirectDisk.open(devicePath)
    return new SourceDevice(disk, await attachmentOf(devicePath), paths ?? [])
  }

  /** When it was last opened. */
  get sizeBytes(): number {
    return this.#disk.sizeBytes
  }

  /** Numbers of the devices whose completed writes are this one's: its own, and its paths'. */
  get writeNumbers(): readonly number[] {
    return this.#writeNumbers
  }

  /** Why it cannot be read at present. */
  get error(): string | undefined {
    return this.#error
  }

  /** Looks which paths lead to the device now; true when they are others than before. */
  async findPaths(sys = '/sys'): Promise<boolean> {
    const paths = await pathNumbers(this.#disk.devicePath, sys).catch(() => undefined)
    if (paths === undefined) return false
    const before = this.#writeNumbers.join()
    this.#writeNumbers = [this.deviceNumber, ...paths]
    return this.#writeNumbers.join() !== before
  }

  /** Its size now; undefined when it is gone, or another has its path. */
  async presentBytes(): Promise<number | undefined> {
    return await diskShape(this.#disk.devicePath).then(
      (shape) => (shape.deviceNumber === this.deviceNumber ? shape.sizeBytes : undefined),
      () => undefined,
    )
  }

  /** Reads into aligned memory. A failure is kept in `error`, and thrown. */
  async read(offset: number, target: Uint8Array): Promise<void> {
    try {
      await this.#disk.read(offset, target)
    } catch (error) {
      this.#fail(errorText(error), RETRY_MS)
      throw error
    }
  }

  /** Until it has the size again that it had, what is read of it is not to be relied on. */
  shrunk(fromBytes: number, presentBytes: number): void {
    const sizes = `from ${fromBytes} to ${presentBytes} bytes`
    const remedy = 'give it its size back, or run the installer again for a new replica of it'
    // Its size tells at once when it is as before.
    this.#fail(`${this.#disk.devicePath} has shrunk ${sizes}: ${remedy}`, 0)
  }

  /** It went, perhaps for good. */
  removed(): void {
    const remedy = 'bring it back, or run the installer again and leave it out with --devices'
    this.#fail(`${this.#disk.devicePath} was removed from this server: ${remedy}`, 0)
  }

  /** True when it had failed, and can be read again with all of these bytes. */
  async retry(bytesMin: number): Promise<boolean> {
    if (this.#error === undefined || performance.now() < this.#retryAtMs) return false
    this.#retryAtMs = performance.now() + RETRY_MS
    const presentBytes = await this.presentBytes()
    if (presentBytes === undefined) this.removed()
    else if (presentBytes < bytesMin) this.shrunk(bytesMin, presentBytes)
    else {
      try {
        await this.reopen()
        this.#error = undefined
        return true
      } catch (error) {
        this.#fail(errorText(error), RETRY_MS)
      }
    }
    return false
  }

  /** Throws a LandfallError when it cannot be opened; what was open stays so then. */
  async reopen(): Promise<void> {
    const disk = await DirectDisk.open(this.#disk.devicePath)
    await this.#disk[Symbol.asyncDispose]()
    this.#disk = disk
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#disk[Symbol.asyncDispose]()
  }

  #fail(error: string, retryMs: number): void {
    this.#error = error
    this.#retryAtMs = retryMs === 0 ? 0 : performance.now() + retryMs
  }
}

/**
 * Numbers of the paths to a multipath disk; undefined for any other. Its requests complete on the
 * path they took, at the same sectors, on every kernel; on the device itself only where it is
 * request-based.
 */
async function pathNumbers(devicePath: string, sys: string): Promise<number[] | undefined> {
  const name = await kernelName(devicePath)
  if (!(await isMultipath({ sys }, name))) return undefined
  const numbers: number[] = []
  for (const path of await related({ sys }, name, 'slaves')) {
    const number = await deviceNumber({ sys }, path)
    if (number !== undefined) numbers.push(number)
  }
  return numbers.toSorted((one, other) => one - other)
}

/** Devices made of others complete their requests elsewhere: their writes would not be seen. */
async function refuseStacked(devicePath: string): Promise<void> {
  const scheduler = path.join('/sys/block', await kernelName(devicePath), 'queue/scheduler')
  const isRequestBased = await readFile(scheduler, 'utf8').then(
    // A device without requests has no scheduler to choose: "none", where others show "[none] …".
    (text) => text.trim() !== 'none',
    () => true,
  )
  if (isRequestBased) return
  const sentence = `${devicePath} is a device made of others (LVM, RAID, NVMe paths)`
  throw new LandfallError('validation', `${sentence}: replicate the disks below it`)
}

async function attachmentOf(devicePath: string): Promise<string> {
  const file = path.join('/sys/block', await kernelName(devicePath), 'diskseq')
  return await readFile(file, 'utf8').then(
    (text) => text.trim(),
    () => '',
  )
}

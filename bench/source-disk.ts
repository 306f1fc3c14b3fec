import { open } from 'node:fs/promises'
import { buildGuestImage } from '../packages/cli/src/demo/guest-image.ts'
import { run } from '../test/installation.ts'
import { LoopDisk } from '../test/loop-disk.ts'
import type { Surroundings } from './figure.ts'

/** Where `landfall demo` keeps the same image. */
const IMAGE_CACHE = '/var/tmp/landfall-demo'

/** The finest the agent and nbdcopy (by `--sparse`) tell zeros from data. */
const BLOCK_BYTES = 4096
const READ_BYTES = 1024 * 1024

/** A disk filled with what no compression makes smaller. */
export async function randomDisk(sizeBytes: number): Promise<LoopDisk> {
  const disk = await LoopDisk.create(sizeBytes)
  const count = sizeBytes / READ_BYTES
  await copy('/dev/urandom', disk.device, [`count=${count}`, 'iflag=fullblock'])
  return disk
}

/** A Debian root disk: the demo's, sparse as it is. */
export async function debianDisk({ log, signal }: Surroundings): Promise<LoopDisk> {
  const image = await buildGuestImage({
    cacheDir: IMAGE_CACHE,
    accelerator: 'tcg',
    signal,
    onProgress: log,
  })
  await using file = await open(image.path)
  const disk = await LoopDisk.create((await file.stat()).size)
  await copy(image.path, disk.device, ['conv=sparse'])
  return disk
}

/** Bytes of the disk's blocks that are not all zero: what any copy has to move. */
export async function dataBytes(device: string): Promise<number> {
  await forgetCache(device)
  await using disk = await open(device)
  const size = Number((await run('blockdev', ['--getsize64', device])).stdout)
  const buffer = Buffer.alloc(READ_BYTES)
  const zeros = Buffer.alloc(BLOCK_BYTES)
  let found = 0
  for (let offset = 0; offset < size; offset += READ_BYTES) {
    const { bytesRead } = await disk.read(buffer, 0, READ_BYTES, offset)
    for (let at = 0; at < bytesRead; at += BLOCK_BYTES) {
      if (!buffer.subarray(at, at + BLOCK_BYTES).equals(zeros)) found += BLOCK_BYTES
    }
  }
  return found
}

/** Has the next reader of the device read the device, as the agent always does. */
export async function forgetCache(device: string): Promise<void> {
  await run('blockdev', ['--flushbufs', device])
}

async function copy(from: string, to: string, options: readonly string[]): Promise<void> {
  const how = ['bs=1M', 'oflag=direct', 'status=none']
  await run('dd', [`if=${from}`, `of=${to}`, ...how, ...options])
}

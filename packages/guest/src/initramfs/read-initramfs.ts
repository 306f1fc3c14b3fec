import { errorText } from '@landfall/model'
import type { GuestReader } from '../guest-files.ts'
import { ramdiskStream } from '../unified/unified-image.ts'
import { ByteQueue } from './byte-queue.ts'
import { cpioNames, startsArchive } from './cpio-names.ts'
import { MAGIC_BYTES, decompress } from './decompress.ts'
import { moduleOf } from './module-name.ts'

/** What is in an initial ramdisk; `unread` says in a sentence why nobody knows. */
export type InitramfsContents =
  | { readonly kind: 'read'; readonly modules: readonly string[] }
  | { readonly kind: 'unread'; readonly why: string }

/** Ten times what a distribution's ramdisk with all drivers unpacks to, so that a bomb ends. */
const UNPACKED_BYTES_MAX = 4 * 1024 ** 3
/** The same for files. */
const ENTRIES_MAX = 200_000

/**
 * The kernel modules in an initial ramdisk, or in that of a unified image: cpio archives one after
 * the other, of which the last is compressed. What may follow that one is not looked at: then too
 * few are found, never too many. It is read in pieces and never in memory as a whole. Never throws
 * for what is in the file.
 */
export async function readInitramfs(reader: GuestReader, path: string): Promise<InitramfsContents> {
  try {
    const source = await ramdiskStream(reader, path)
    if (source === undefined) return { kind: 'unread', why: `there is no ${path}` }
    const modules = new Set<string>()
    let entries = 0
    for await (const name of archivedNames(source)) {
      const module = moduleOf(name)
      if (module !== undefined) modules.add(module)
      entries += 1
      if (entries > ENTRIES_MAX) throw new Error(`it has more than ${ENTRIES_MAX} files`)
    }
    return { kind: 'read', modules: [...modules].toSorted() }
  } catch (error) {
    return { kind: 'unread', why: `${path} cannot be read: ${errorText(error)}` }
  }
}

async function* archivedNames(source: AsyncIterable<Buffer>): AsyncGenerator<string> {
  await using packed = new ByteQueue(source)
  while ((await packed.skipZeros()) && (await startsArchive(packed))) yield* cpioNames(packed)
  if ((await packed.peek(1)).length === 0) return
  const first = Buffer.from(await packed.peek(MAGIC_BYTES))
  await using unpacked = new ByteQueue(bounded(decompress(first, packed.rest())))
  do yield* cpioNames(unpacked)
  while (await hasAnother(unpacked))
}

/** Behind a whole archive there may be padding, which some unpackers refuse. */
async function hasAnother(unpacked: ByteQueue): Promise<boolean> {
  try {
    return (await unpacked.skipZeros()) && (await startsArchive(unpacked))
  } catch {
    return false
  }
}

async function* bounded(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let bytes = 0
  for await (const piece of source) {
    bytes += piece.length
    if (bytes > UNPACKED_BYTES_MAX) throw new Error('it unpacks to more than 4 GiB')
    yield piece
  }
}

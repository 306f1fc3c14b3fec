import type { ByteQueue } from './byte-queue.ts'

/** "newc" and "crc" of cpio(5): the formats that the kernel unpacks. */
const MAGICS = new Set(['070701', '070702'])
const HEADER_BYTES = 110
/** The kernel's PATH_MAX. */
const NAME_BYTES_MAX = 4096
const TRAILER = 'TRAILER!!!'

export async function startsArchive(queue: ByteQueue): Promise<boolean> {
  return MAGICS.has((await queue.peek(6)).toString('latin1'))
}

/** The names in one archive, up to and with its end. */
export async function* cpioNames(queue: ByteQueue): AsyncGenerator<string> {
  const start = queue.position
  const align = async () => await queue.skip((4 - ((queue.position - start) % 4)) % 4)
  for (;;) {
    const header = (await queue.take(HEADER_BYTES)).toString('latin1')
    if (!MAGICS.has(header.slice(0, 6))) throw new Error('an entry is not one of cpio')
    const fileBytes = number(header.slice(54, 62))
    const nameBytes = number(header.slice(94, 102))
    if (nameBytes < 1 || nameBytes > NAME_BYTES_MAX) throw new Error('a name is too long')
    const name = (await queue.take(nameBytes)).subarray(0, -1).toString('latin1')
    if (name === TRAILER) return
    await align()
    await queue.skip(fileBytes)
    await align()
    yield name
  }
}

function number(hex: string): number {
  if (!/^[0-9A-Fa-f]{8}$/.test(hex)) throw new Error('an entry is not one of cpio')
  return Number.parseInt(hex, 16)
}

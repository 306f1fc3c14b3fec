import { spawn } from 'node:child_process'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress } from 'node:zlib'

/** How initial ramdisks are compressed: the first bytes of each, and who takes it apart. */
const COMPRESSIONS: readonly {
  readonly name: string
  readonly magic: string
  readonly program?: readonly [string, ...string[]]
}[] = [
  { name: 'gzip', magic: '1f8b' },
  { name: 'zstd', magic: '28b52ffd' },
  { name: 'xz', magic: 'fd377a585a00', program: ['xz', '-dc'] },
  { name: 'lzma', magic: '5d0000', program: ['xz', '-dc', '--format=lzma'] },
  // The kernel reads the format of lz4 -l, which is not that of lz4's own files.
  { name: 'lz4', magic: '02214c18', program: ['lz4', '-dc'] },
  { name: 'bzip2', magic: '425a68', program: ['bzip2', '-dc'] },
  { name: 'lzo', magic: '894c5a4f', program: ['lzop', '-dc'] },
]

/** Bytes needed to tell a compression. */
export const MAGIC_BYTES = 6

/** The unpacked bytes of what begins with `first`. Throws a sentence when nobody can unpack it. */
export function decompress(first: Buffer, source: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const begin = first.toString('hex')
  const compression = COMPRESSIONS.find(({ magic }) => begin.startsWith(magic))
  if (compression === undefined) throw new Error(`its compression is not known (it is ${begin})`)
  if (compression.program !== undefined) return throughProgram(compression.program, source)
  const unpacker = compression.name === 'gzip' ? createGunzip() : createZstdDecompress()
  return through(unpacker, source)
}

async function* through(
  unpacker: NodeJS.ReadWriteStream & AsyncIterable<Buffer | string>,
  source: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  const ended = pipeline(source, unpacker as NodeJS.WritableStream)
  // Its failure is that of the loop below too, or follows from leaving it early.
  ended.catch(() => {})
  for await (const piece of unpacker) yield piece as Buffer
}

async function* throughProgram(
  [program, ...args]: readonly [string, ...string[]],
  source: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'] })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  ended.catch(() => {}) // Asked for below.
  // A program that ended closes its input: its status says why.
  Readable.from(source)
    .on('error', () => child.kill())
    .pipe(child.stdin.on('error', () => {}))
  try {
    for await (const piece of child.stdout) yield piece as Buffer
    const status = await ended.catch((cause: unknown) => {
      throw new Error(`the program ${program}, which unpacks it, is not installed`, { cause })
    })
    if (status !== 0) throw new Error(`${program} could not unpack it`)
  } finally {
    child.kill()
  }
}

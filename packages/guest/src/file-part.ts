import type { FilePart, GuestReader } from './guest-files.ts'

/** The bytes of a part of a file that is small; none when there is no such file. */
export async function bytesOf(reader: GuestReader, path: string, part: FilePart): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of (await reader.stream(path, part)) ?? []) pieces.push(piece)
  return Buffer.concat(pieces)
}

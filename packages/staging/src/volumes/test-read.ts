import type { VolumeReader } from './staging-volume.ts'

/** What a volume, or a point of it, holds there. */
export async function bytesOf(
  reader: VolumeReader,
  offset: number,
  length: number,
): Promise<Buffer> {
  const pieces: Buffer[] = []
  await reader.read(offset, length, (piece) => pieces.push(Buffer.from(piece)))
  return Buffer.concat(pieces)
}

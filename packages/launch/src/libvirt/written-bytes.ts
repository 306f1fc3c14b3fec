import { runProgram } from '../run-program.ts'

/** Bytes of the clusters of a qcow2 file that are its own, and not of a file under it. */
export async function writtenBytes(path: string, signal: AbortSignal): Promise<number> {
  const map = ['map', '-U', '--output=json', '-f', 'qcow2', path]
  const extents = JSON.parse(await runProgram('qemu-img', map, { signal })) as {
    readonly length: number
    readonly depth: number
    readonly present?: boolean
  }[]
  return extents
    .filter(({ depth, present }) => depth === 0 && present !== false)
    .reduce((sum, { length }) => sum + length, 0)
}

import { runProgram } from '../run-program.ts'

/** An extent of `qemu-img map --output=json`, one a line; `present` since QEMU 6.1. */
const EXTENT = /"length": (\d+), "depth": 0, "present": (true|false)/

/** Bytes of the clusters of a qcow2 file that are its own, and not of a file under it. */
export async function writtenBytes(path: string, signal: AbortSignal): Promise<number> {
  const image = { driver: 'qcow2', backing: null, file: { driver: 'file', filename: path } }
  let bytes = 0
  await runProgram('qemu-img', ['map', '-U', '--output=json', `json:${JSON.stringify(image)}`], {
    signal,
    // Of a large disk there are more extents than the output of a program is kept of.
    onLine: (line) => {
      const [, length, present] = EXTENT.exec(line) ?? []
      if (present === 'true') bytes += Number(length)
    },
  })
  return bytes
}

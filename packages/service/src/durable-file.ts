import { open, rename, rm } from 'node:fs/promises'
import path from 'node:path'

/**
 * Replaces `file` by `content`, durably: a reader, and whoever comes after a crash, finds the old
 * file or the new one, whole.
 */
export async function writeDurably(
  file: string,
  content: string | Uint8Array,
  options: { mode: number },
): Promise<void> {
  const temporary = `${file}.tmp`
  await rm(temporary, { force: true })
  const handle = await open(temporary, 'wx', options.mode)
  try {
    await handle.writeFile(content)
    await handle.chmod(options.mode) // What the umask took away.
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(temporary, file)
  const folder = await open(path.dirname(file))
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

import { open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Replaces the file at `path` at once and durably: whoever reads it, also after a power failure,
 * finds the old content or the new one, whole. Not for two writers of one path at a time.
 */
export async function writeDurably(path: string, content: string): Promise<void> {
  const temporaryPath = `${path}.new`
  {
    await using file = await open(temporaryPath, 'w', 0o640)
    await file.writeFile(content)
    await file.sync()
  }
  await rename(temporaryPath, path)
  await syncPath(dirname(path))
}

/** Makes a file's content, or the names in a folder, durable. */
export async function syncPath(path: string): Promise<void> {
  await using handle = await open(path, 'r')
  await handle.sync()
}

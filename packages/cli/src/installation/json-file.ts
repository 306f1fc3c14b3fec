import { open, readFile, rename } from 'node:fs/promises'

/** The file's JSON, or undefined when there is no such file. */
export async function readJsonFile(path: string): Promise<unknown> {
  let text
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  return JSON.parse(text) as unknown
}

/** Replaces the file as a whole: a reader, or a crash, sees the old or the new content. */
export async function writeJsonFile(path: string, value: object, mode: number): Promise<void> {
  const temporary = `${path}.new`
  const file = await open(temporary, 'w', mode)
  try {
    await file.chmod(mode) // The umask must not decide who can read it.
    await file.writeFile(`${JSON.stringify(value, null, 2)}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
}

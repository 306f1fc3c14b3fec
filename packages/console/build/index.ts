import { createHash } from 'node:crypto'
import { glob, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { build } from 'vite'

const ROOT = join(import.meta.dirname, '..')
const PROJECT = join(ROOT, '..', '..')
const FOLDER = join(PROJECT, '.cache', 'console', 'site')
/** In the built folder: what it was built from. */
const STAMP = 'built-from'

/** What a build depends on, from the root of the project. */
const SOURCES = [
  'packages/console/{src,build}/**/*',
  'packages/console/*.*',
  'packages/model/src/*',
  'package-lock.json',
]

/**
 * The folder of the console's files, as a web server hands them out. It is built anew when anything
 * it is made of has changed, which takes some seconds. Several processes may build at once.
 */
export async function buildConsole(): Promise<string> {
  const sources = await hashOfSources()
  const built = await readFile(join(FOLDER, STAMP), 'utf8').catch(() => '')
  if (built === sources) return FOLDER
  const folder = `${FOLDER}.${process.pid}`
  const configFile = join(ROOT, 'vite.config.ts')
  await build({ configFile, logLevel: 'warn', build: { outDir: folder, emptyOutDir: true } })
  await compressFiles(folder)
  await writeFile(join(folder, STAMP), sources)
  await rm(FOLDER, { recursive: true, force: true })
  await rename(folder, FOLDER).catch(async (error: NodeJS.ErrnoException) => {
    // Who built it at the same time was faster.
    if (error.code !== 'ENOTEMPTY') throw error
    await rm(folder, { recursive: true })
  })
  return FOLDER
}

/** Beside each file, for whoever takes it so; once for all who ask. */
async function compressFiles(folder: string): Promise<void> {
  for await (const name of glob('**/*.{js,css,html}', { cwd: folder })) {
    const file = join(folder, name)
    const compressed = await promisify(gzip)(await readFile(file), { level: 9 })
    await writeFile(`${file}.gz`, compressed)
  }
}

async function hashOfSources(): Promise<string> {
  const files = await Array.fromAsync(glob(SOURCES, { cwd: PROJECT }))
  const hash = createHash('sha256')
  for (const file of files.toSorted()) {
    const content = await readFile(join(PROJECT, file)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EISDIR') return ''
      throw error
    })
    hash.update(`${file}\0`).update(content)
  }
  return hash.digest('hex')
}

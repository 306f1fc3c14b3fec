import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** A file of the built console, and what it takes on the wire. */
export interface LoadedFile {
  readonly name: string
  readonly gzipBytes: number
}

/** Where an operator is after signing in: the page that is loaded at once. */
const FIRST_PAGE = 'src/servers/servers-page.tsx'

/** Vite's manifest, by source file. */
type Manifest = Readonly<
  Record<
    string,
    { readonly file: string; readonly imports?: string[]; readonly css?: readonly string[] }
  >
>

/** All that a browser loads of the built `folder` until the first page is there, largest first. */
export async function firstLoad(folder: string): Promise<readonly LoadedFile[]> {
  const text = await readFile(join(folder, '.vite', 'manifest.json'), 'utf8')
  const manifest = JSON.parse(text) as Manifest
  const names = new Set(['index.html'])
  const chunks = ['index.html', FIRST_PAGE]
  for (const chunk of chunks) {
    const found = manifest[chunk]
    if (found === undefined) throw new Error(`The built console has no ${chunk}`)
    for (const name of [found.file, ...(found.css ?? [])]) names.add(name)
    chunks.push(...(found.imports ?? []).filter((name) => !chunks.includes(name)))
  }
  const files = await Promise.all(
    Array.from(names, async (name) => {
      const { size: gzipBytes } = await stat(join(folder, `${name}.gz`))
      return { name, gzipBytes }
    }),
  )
  return files.toSorted((a, b) => b.gzipBytes - a.gzipBytes)
}

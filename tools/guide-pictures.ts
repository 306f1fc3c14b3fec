import { copyFile, mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')
export const GUIDE = join(ROOT, 'docs/guide/README.md')
export const PICTURES = join(ROOT, 'docs/guide/pictures')

/** Where the browser's tests leave theirs. */
const TAKEN = join(ROOT, 'console-pictures')

/** Files' names of the pictures that the guide shows. */
export function pictureNames(guide: string): string[] {
  return [...guide.matchAll(/\]\(pictures\/([^)]+)\)/g)].map(([, name = '']) => name)
}

// `npm run guide-pictures`: brings the guide's pictures up to what the tests have taken last.
if (import.meta.main) {
  const names = pictureNames(await readFile(GUIDE, 'utf8'))
  await rm(PICTURES, { recursive: true, force: true })
  await mkdir(PICTURES)
  for (const name of names) await copyFile(join(TAKEN, name), join(PICTURES, name))
}

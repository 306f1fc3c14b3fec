import { readFile, writeFile } from 'node:fs/promises'
import { compatibilityPage, PAGE } from './compatibility-page.ts'
import { implementedOperations } from './implemented.ts'

// `npm run compatibility`: brings the page up to date.
await writeFile(PAGE, compatibilityPage(await readFile(PAGE, 'utf8'), implementedOperations()))

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { withRules } from './preflight-page.ts'

const page = join(import.meta.dirname, '../../../../docs/preflight.md')
await writeFile(page, withRules(await readFile(page, 'utf8')))

import assert from 'node:assert/strict'
import { glob, readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { CHOICES } from './choices.ts'
import { compatibilityPage, PAGE } from './compatibility-page.ts'
import { implementedOperations } from './implemented.ts'
import { OPERATION_NOTES } from './operation-notes.ts'

const ROOT = new URL('../../../../', import.meta.url).pathname

test('the page of compatibility says what there is', async () => {
  const page = await readFile(ROOT + PAGE, 'utf8')
  const plain = (text: string) => text.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---')
  const generated = plain(compatibilityPage(page, implementedOperations()))
  assert.equal(plain(page), generated, `run \`npm run compatibility\`, and format ${PAGE}`)
})

test('a choice names a test that there is, and a note an operation', async () => {
  const titles = new Set<string>()
  for await (const file of glob('{packages/*/src,test}/**/*.test.ts', { cwd: ROOT })) {
    const text = await readFile(ROOT + file, 'utf8')
    for (const [, , title = ''] of text.matchAll(/\btest\(\s*(['"])(.*?)\1,/g)) titles.add(title)
  }
  const untold = CHOICES.filter(({ shownBy }) => !titles.has(shownBy))
  assert.deepEqual(
    untold.map(({ question, shownBy }) => `${question}: ${shownBy}`),
    [],
  )
  const operations = implementedOperations()
  assert.deepEqual(
    Object.keys(OPERATION_NOTES).filter((name) => !operations.has(name)),
    [],
  )
})

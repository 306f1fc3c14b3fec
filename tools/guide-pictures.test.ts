import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { GUIDE, pictureNames, PICTURES } from './guide-pictures.ts'

test('the guide shows the pictures that there are', async () => {
  const named = pictureNames(await readFile(GUIDE, 'utf8'))
  assert.deepEqual(named.toSorted(), (await readdir(PICTURES)).toSorted())
})

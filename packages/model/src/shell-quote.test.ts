import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { quoteForShell } from './shell-quote.ts'

test('/bin/sh reads back exactly what was quoted', () => {
  for (const text of ['plain/Path-1.0', '', 'two words', `it's`, '$(id) `id` "x" \\ \n*']) {
    const script = `printf %s ${quoteForShell(text)}`
    assert.equal(execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' }), text)
  }
})

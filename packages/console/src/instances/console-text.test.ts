import assert from 'node:assert/strict'
import { test } from 'node:test'
import { consoleText } from './console-text.ts'

const shown = (output: string) => consoleText(Buffer.from(output).toString('base64'))

test('console output is text: without colours, with whole characters, lines as they were last', () => {
  assert.equal(shown('[\u001b[0;32m  OK  \u001b[0m] Started Grün.\r\n'), '[  OK  ] Started Grün.\n')
  assert.equal(shown('\u001b[2J\u001b[1;1H\u001bcSeaBIOS\r\n'), 'SeaBIOS\n')
  assert.equal(shown('checking 10 %\rchecking 90 %\r\ndone\n'), 'checking 90 %\ndone\n')
  assert.equal(shown('\u001b]0;title\u0007login: \u0000\u0007'), 'login: ')
  assert.equal(shown(''), '')
})

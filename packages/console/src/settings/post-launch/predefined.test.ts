import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultTexts, givenValues, type PredefinedAction } from './predefined.ts'

const ACTION: PredefinedAction = {
  name: 'Landfall-VerifyHTTPResponse',
  actionName: 'Verify HTTP response',
  description: 'URLs answer.',
  order: 407,
  timeoutSeconds: 3600,
  parameters: [
    { name: 'Urls', type: 'StringList', description: '' },
    { name: 'Paths', type: 'StringList', description: '', default: ['/', '/srv'] },
    { name: 'ExpectedStatus', type: 'String', description: '', default: '200' },
  ],
}

test('fields begin with the defaults, and defaults are not given', () => {
  const texts = defaultTexts(ACTION)
  assert.deepEqual(texts, { Urls: '', Paths: '/\n/srv', ExpectedStatus: '200' })
  assert.deepEqual(givenValues(ACTION, texts), {})
})

test('of a list each line is a value, and what was emptied is the default again', () => {
  const texts = { Urls: 'http://a/\n\n  http://b/ ', Paths: '', ExpectedStatus: '404' }
  assert.deepEqual(givenValues(ACTION, texts), {
    Urls: ['http://a/', 'http://b/'],
    ExpectedStatus: ['404'],
  })
})

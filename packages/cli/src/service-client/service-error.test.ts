import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serviceError } from './service-error.ts'

test("the service's error shapes become our codes, with their sentence and fields", () => {
  const error = serviceError({
    status: 400,
    headers: { 'x-amzn-errortype': 'ValidationException' },
    body: JSON.stringify({ message: 'Wrong.', fieldList: [{ name: 'port', message: 'is odd' }] }),
  })
  assert.equal(error.code, 'validation')
  assert.equal(error.message, 'Wrong.\nport: is odd (ValidationException)')
})

test("IAM's XML errors are read too", () => {
  const error = serviceError({
    status: 409,
    headers: {},
    body:
      '<ErrorResponse><Error><Code>EntityAlreadyExists</Code>' +
      '<Message>User with name ops already exists.</Message></Error></ErrorResponse>',
  })
  assert.equal(error.code, 'conflict')
  assert.equal(error.message, 'User with name ops already exists. (EntityAlreadyExists)')
})

test('an answer that is no error shape is told by its status', () => {
  const error = serviceError({ status: 503, headers: {}, body: '' })
  assert.equal(error.code, 'unavailable')
  assert.match(error.message, /status 503/)
})

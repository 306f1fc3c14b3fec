import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Notifier } from './notifier.ts'

const signal = new AbortController().signal
const patient = { timeoutMs: 60_000, recheckMs: 60_000, signal }

test('looks again when rung, also when the ring comes while it looks', async () => {
  const notifier = new Notifier()
  let looks = 0
  const found = await notifier.until(
    'a',
    async () => {
      looks += 1
      if (looks === 1) notifier.notify('a')
      return looks > 1 ? 'here' : undefined
    },
    patient,
  )
  assert.equal(found, 'here')
})

test('looks again by itself, for what another process wrote', async () => {
  let looks = 0
  const found = await new Notifier().until('a', async () => (++looks > 2 ? looks : undefined), {
    ...patient,
    recheckMs: 1,
  })
  assert.equal(found, 3)
})

test('gives up when the time is up and when told to', async () => {
  const notifier = new Notifier()
  const nothing = () => Promise.resolve(undefined)
  assert.equal(await notifier.until('a', nothing, { ...patient, timeoutMs: 1 }), undefined)
  const abort = new AbortController()
  const waiting = notifier.until('a', nothing, { ...patient, signal: abort.signal })
  abort.abort(new Error('stop'))
  await assert.rejects(waiting, /stop/)
})

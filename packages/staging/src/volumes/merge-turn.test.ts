import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MergeTurn } from './merge-turn.ts'

const MERGE = { base: 'a0', top: 'a1', next: 'a2' }
const { signal } = new AbortController()

test('an operation in conflict has the merge give up, and goes before the next', async () => {
  const turn = new MergeTurn(null)
  const order: string[] = []
  const begun = await turn.begin(() => MERGE)
  const beside = turn.aside(async () => order.push('beside'), { conflicts: () => false, signal })
  const aside = turn.aside(async () => order.push('aside'), { conflicts: () => true, signal })
  await beside
  assert.equal(begun?.interrupted.aborted, true)
  assert.deepEqual(order, ['beside'])
  turn.end()
  const next = turn.begin(() => {
    order.push('merge')
    return MERGE
  })
  await Promise.all([aside, next])
  assert.deepEqual(order, ['beside', 'aside', 'merge'])
})

test('a merge is finished when no operation runs, and operations wait for its end', async () => {
  const turn = new MergeTurn(null)
  const order: string[] = []
  const running = Promise.withResolvers<void>()
  await turn.begin(() => MERGE)
  const options = { conflicts: () => false, signal }
  const first = turn.aside(() => running.promise, options)
  const finished = turn.finish().then(() => order.push('finished'))
  const second = turn.aside(async () => order.push('second'), options)
  running.resolve()
  await Promise.all([first, finished])
  turn.end()
  await second
  assert.deepEqual(order, ['finished', 'second'])
})

test('a merge that was left open is waited for until the signal aborts, and none begins', async () => {
  const turn = new MergeTurn(MERGE)
  assert.equal(await turn.begin(() => MERGE), undefined)
  const waiting = new AbortController()
  const operation = async (): Promise<void> => assert.fail('does not run')
  const aside = turn.aside(operation, { conflicts: () => true, signal: waiting.signal })
  waiting.abort(new Error('waited too long'))
  await assert.rejects(aside, /waited too long/)
})

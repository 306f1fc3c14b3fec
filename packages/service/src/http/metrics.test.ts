import assert from 'node:assert/strict'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { formatMetrics, loadMetricsToken } from './metrics.ts'
import { send, signed } from './test-client.ts'
import { METRICS_TOKEN, startTestService } from './test-service.ts'

const BACKLOG = {
  name: 'landfall_backlog_bytes',
  help: 'What waits.',
  samples: [{ labels: { source_server: 's-1', disk: 'a "b" \\ \n' }, value: 12.5 }],
}

test('metrics are text with help, type and escaped labels, each in one place', async () => {
  const empty = { name: 'landfall_nothing', help: '', samples: [] }
  const other = { name: 'landfall_other', help: 'Else.', samples: [{ labels: {}, value: 1 }] }
  const more = { ...BACKLOG, samples: [{ labels: {}, value: 0 }] }
  assert.equal(
    await formatMetrics([[empty, BACKLOG, other], [more]]),
    '# HELP landfall_backlog_bytes What waits.\n# TYPE landfall_backlog_bytes gauge\n' +
      'landfall_backlog_bytes{source_server="s-1",disk="a \\"b\\" \\\\ \\n"} 12.5\n' +
      'landfall_backlog_bytes 0\n' +
      '# HELP landfall_other Else.\n# TYPE landfall_other gauge\nlandfall_other 1\n',
  )
})

test('metrics are read with the token, and with nothing else', async (t) => {
  const service = await startTestService(t, {}, { initialized: true, metrics: [BACKLOG] })
  const call = { method: 'GET', path: '/metrics' }
  const answer = await send(service, {
    ...call,
    headers: { authorization: `Bearer ${METRICS_TOKEN}` },
  })
  assert.equal(answer.status, 200)
  assert.match(String(answer.headers['content-type']), /^text\/plain; version=0\.0\.4/)
  assert.match(answer.text, /^landfall_backlog_bytes\{/m)
  const refused = [
    call,
    { ...call, headers: { authorization: 'Bearer ' } },
    { ...call, headers: { authorization: `Bearer ${METRICS_TOKEN.toUpperCase()}` } },
    await signed(service, call),
  ]
  for (const other of refused) {
    const { status, text } = await send(service, other)
    assert.equal(status, 401)
    assert.match(text, /metrics-token/)
  }
})

test('the token is made once, for nobody but the owner', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'lf-metrics-'))
  t.after(() => rm(folder, { recursive: true }))
  const file = path.join(folder, 'metrics-token')
  const token = await loadMetricsToken(file)
  assert.ok(token.length >= 40)
  assert.equal(await loadMetricsToken(file), token)
  assert.equal((await stat(file)).mode & 0o777, 0o600)
})

import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { send } from '../http/test-client.ts'
import { startTestService } from '../http/test-service.ts'

test('pages are served with what they may load, and files of the build alone', async (t) => {
  const service = await startTestService(t, {})
  const get = (path: string, headers = {}) => send(service, { method: 'GET', path, headers })
  assert.equal((await get('/console/')).status, 404)
  const assets = join(service.folder, 'console', 'assets')
  await mkdir(assets, { recursive: true })
  await writeFile(join(assets, '..', 'index.html'), '<html>')
  await writeFile(join(assets, 'index-1.js'), 'run()')
  await writeFile(join(service.folder, 'console', 'secret'), 'no')

  const root = await get('/')
  assert.deepEqual([root.status, root.headers['location']], [302, '/console/'])
  for (const path of ['/console/', '/console/source-servers/s-1', '/console/index.html']) {
    const page = await get(path)
    assert.deepEqual([page.status, page.text], [200, '<html>'])
    assert.equal(page.headers['cache-control'], 'no-cache')
    assert.match(String(page.headers['content-security-policy']), /^default-src 'self';/)
    assert.doesNotMatch(String(page.headers['content-security-policy']), /unsafe/)
  }
  const script = await get('/console/assets/index-1.js', { 'accept-encoding': 'gzip' })
  assert.deepEqual([script.status, script.text], [200, 'run()'])
  assert.match(String(script.headers['content-type']), /^text\/javascript/)
  assert.match(String(script.headers['cache-control']), /immutable/)
  for (const path of [
    '/console/assets/..%2Fsecret',
    '/console/assets/.hidden',
    '/console/assets/no.js',
  ]) {
    assert.equal((await get(path)).status, 404, path)
  }
  assert.notEqual((await get('/console/secret')).text, 'no')
})

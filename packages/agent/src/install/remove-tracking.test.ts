import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startReplicator } from '../replicator.ts'
import { removeTracking } from './remove-tracking.ts'

const INSTANCES = '/sys/kernel/tracing/instances'

test('removes what a stopped agent left recording in the kernel', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'landfall-remove-'))
  const image = join(folder, 'disk')
  await writeFile(image, '')
  await truncate(image, 4 * 1024 * 1024)
  const loop = execFileSync('losetup', ['-f', '--show', image], { encoding: 'utf8' }).trim()
  const tracking = { sourceServerID: 's-feed0feed0feed0fe', stateDir: join(folder, 'state') }
  t.after(async () => {
    execFileSync('losetup', ['-d', loop])
    await rm(folder, { recursive: true, force: true })
  })
  const replicator = await startReplicator({
    ...tracking,
    disks: [loop],
    addresses: ['127.0.0.1'],
    port: 1, // Nobody listens there.
    tls: { keyPem: '', certificatePem: '', caPem: '' },
    bandwidthThrottlingMbps: 0,
    connections: 1,
    log: () => {},
    signal: new AbortController().signal,
  })
  const ours = async () =>
    (await readdir(INSTANCES)).filter((name) => name.includes(tracking.sourceServerID))
  assert.equal((await ours()).length, 1)
  await replicator.stop()
  assert.equal((await ours()).length, 1)
  await removeTracking(tracking)
  assert.deepEqual(await ours(), [])
  await assert.rejects(stat(tracking.stateDir), /ENOENT/)
  await removeTracking(tracking)
})

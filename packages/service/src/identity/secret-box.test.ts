import assert from 'node:assert/strict'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { createSecretBox, loadMasterKey } from './secret-box.ts'

const box = createSecretBox(new Uint8Array(32).fill(7))

test('a sealed secret opens under its own label and key only', () => {
  const sealed = box.seal('wJalrXUtnFEMI', 'AKIA1')
  assert.equal(box.open(sealed, 'AKIA1'), 'wJalrXUtnFEMI')
  assert.ok(!sealed.includes('wJalr'))
  assert.notDeepEqual(box.seal('wJalrXUtnFEMI', 'AKIA1'), sealed)
  assert.throws(() => box.open(sealed, 'AKIA2'))
  assert.throws(() => createSecretBox(new Uint8Array(32)).open(sealed, 'AKIA1'))
  for (const index of sealed.keys()) {
    const broken = Buffer.from(sealed)
    broken[index]! ^= 1
    assert.throws(() => box.open(broken, 'AKIA1'))
  }
  assert.throws(() => box.open(sealed.subarray(0, 20), 'AKIA1'))
})

test('what was sealed by an earlier version still opens', () => {
  const recorded = 'QiBBZgqPtksNKP4Fe/qbTJG4SKzEvqDlePLZXRiWto68jtFZf6dBp+0='
  assert.equal(box.open(Buffer.from(recorded, 'base64'), 'AKIA1'), 'wJalrXUtnFEMI')
})

test('the master key is made once, for its owner only, and a damaged one is not replaced', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'lf-key-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const file = path.join(folder, 'master.key')
  const key = await loadMasterKey(file)
  assert.equal(key.length, 32)
  assert.deepEqual(await loadMasterKey(file), key)
  assert.equal((await stat(file)).mode & 0o777, 0o600)
  await writeFile(file, 'short')
  await assert.rejects(loadMasterKey(file), /damaged: it has 5 bytes instead of 32/)
})

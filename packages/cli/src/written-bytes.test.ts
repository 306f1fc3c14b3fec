import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { runProgram } from '@landfall/launch'
import { writtenBytes } from './written-bytes.ts'

const MIB = 1024 * 1024

test('what an instance wrote is told from what it found', async (t) => {
  const folder = await mkdtemp('/tmp/landfall-written-')
  t.after(() => rm(folder, { recursive: true }))
  const [point = '', instance = ''] = ['point', 'instance'].map((name) => join(folder, name))
  await runProgram('qemu-img', ['create', '-q', '-f', 'qcow2', point, '64M'])
  await runProgram('qemu-io', ['-f', 'qcow2', '-c', 'write -P 1 0 8M', point])
  const overlay = ['-F', 'qcow2', '-b', point, instance]
  await runProgram('qemu-img', ['create', '-q', '-f', 'qcow2', ...overlay])
  assert.equal(await writtenBytes(instance, t.signal), 0)
  const writes = ['-c', 'write -P 2 4M 2M', '-c', 'write -P 0 20M 1M', '-c', 'write -z 0 1M']
  await runProgram('qemu-io', ['-f', 'qcow2', ...writes, instance])
  assert.equal(await writtenBytes(instance, t.signal), 4 * MIB)
})
